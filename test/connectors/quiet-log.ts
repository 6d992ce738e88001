import type { Log, LogFields } from '../../src/observe/log.ts'

/** A log that keeps its lines for the test and writes none. */
export function quietLog(lines: { level: string; message: string; fields: LogFields }[] = []): Log {
  const write = (level: string) => (fields: LogFields, message: string) => void lines.push({ level, message, fields })
  return {
    error: write('error'),
    warn: write('warn'),
    info: write('info'),
    debug: write('debug'),
    child: () => quietLog(lines),
  }
}
