import pino from 'pino'
import { createInstantText } from './instant-text.ts'
import { createLogDestination, type LogDestination } from './log-destination.ts'
import { scrub } from './scrub.ts'
import { scrubText } from './scrub-text.ts'

/**
 * The structured log: one JSON object a line, secrets removed. Made once by the composition root and handed down.
 * Everything goes through `scrub`, so no caller has to remember what may not be written; `prepared` alone does not.
 */

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

type LogFields = Readonly<Record<string, unknown>>

export interface Log {
  error(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  debug(fields: LogFields, message: string): void
  /**
   * A line at the level info, of members that are JSON text already, such as `"status":200,"bytes":4096`. For what is
   * written at every request, and for values that are the gateway's own: nothing is removed from them, so whoever
   * prepares them answers for every character. Names other than those of the line itself; the message is a constant.
   */
  prepared(members: string, message: string): void
  /** A log that adds these fields to every line. */
  child(fields: LogFields): Log
}

export interface LogOptions {
  /** Least important level that is written. */
  readonly level: LogLevel
  /** Default: standard error. */
  readonly destination?: LogDestination
}

export function createLog({ level, destination = createLogDestination(tellDropped) }: LogOptions): Log {
  const logger = pino(
    {
      level,
      base: null,
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
      serializers: {},
    },
    destination,
  )
  return logTo({ logger, destination, members: '', time: createInstantText() })
}

interface Sink {
  readonly logger: pino.Logger
  readonly destination: LogDestination
  /** The fields of every line, as JSON text, each with a comma after it. */
  readonly members: string
  readonly time: () => string
}

function logTo(sink: Sink): Log {
  const { logger, destination, members: bound, time } = sink
  const isInfoWritten = logger.isLevelEnabled('info')
  const write = (level: LogLevel) => (fields: LogFields, message: string) => {
    if (logger.isLevelEnabled(level)) logger[level](cleanFields(fields), scrubText(message))
  }
  return {
    error: write('error'),
    warn: write('warn'),
    info: write('info'),
    debug: write('debug'),
    prepared(members, message) {
      if (isInfoWritten)
        destination.write(`{"level":"info","time":"${time()}",${bound}${members},"message":"${message}"}\n`)
    },
    child(fields) {
      const clean = cleanFields(fields)
      const text = JSON.stringify(clean).slice(1, -1)
      return logTo({ ...sink, logger: logger.child(clean), members: text === '' ? bound : `${bound}${text},` })
    },
  }
}

function tellDropped(lines: number): string {
  const time = new Date().toISOString()
  return `${JSON.stringify({ level: 'warn', time, lines, message: 'lines of this log were dropped: its reader does not keep up' })}\n`
}

/** The members that a line has anyway: a field of that name would write a second one, which some readers take for the first. */
const RESERVED: ReadonlySet<string> = new Set(['level', 'time', 'message'])

function cleanFields(fields: LogFields): Record<string, unknown> {
  const entries = Object.entries(scrub(fields) as LogFields)
  return Object.fromEntries(entries.map(([name, value]) => [RESERVED.has(name) ? `_${name}` : name, value]))
}
