import type { Log } from '../../src/observe/log.ts'

type LogFields = Readonly<Record<string, unknown>>

export interface LogLine {
  readonly level: string
  readonly message: string
  readonly fields: LogFields
}

/** A log that keeps its lines for the test and writes none. */
export function quietLog(lines: LogLine[] = []): Log {
  const write = (level: string) => (fields: LogFields, message: string) => void lines.push({ level, message, fields })
  return {
    error: write('error'),
    warn: write('warn'),
    info: write('info'),
    debug: write('debug'),
    prepared: (members, message) => write('info')(JSON.parse(`{${members}}`) as LogFields, message),
    child: () => quietLog(lines),
  }
}
