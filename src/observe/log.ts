import pino from 'pino'
import { scrub } from './scrub.ts'
import { scrubText } from './scrub-text.ts'

/**
 * The structured log: one JSON object a line, secrets removed. Made once by the composition root and handed down.
 * Everything goes through `scrub`, so no caller has to remember what may not be written.
 */

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

type LogFields = Readonly<Record<string, unknown>>

export interface Log {
  error(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  debug(fields: LogFields, message: string): void
  /** A log that adds these fields to every line. */
  child(fields: LogFields): Log
}

export interface LogOptions {
  /** Least important level that is written. */
  readonly level: LogLevel
  /** Takes one line at a time, its newline included. Default: standard error. */
  readonly destination?: pino.DestinationStream
}

export function createLog({ level, destination = pino.destination(2) }: LogOptions): Log {
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
  return logTo(logger)
}

function logTo(logger: pino.Logger): Log {
  const write = (level: LogLevel) => (fields: LogFields, message: string) => {
    if (logger.isLevelEnabled(level)) logger[level](cleanFields(fields), scrubText(message))
  }
  return {
    error: write('error'),
    warn: write('warn'),
    info: write('info'),
    debug: write('debug'),
    child: fields => logTo(logger.child(cleanFields(fields))),
  }
}

/** The members that a line has anyway: a field of that name would write a second one, which some readers take for the first. */
const RESERVED: ReadonlySet<string> = new Set(['level', 'time', 'message'])

function cleanFields(fields: LogFields): Record<string, unknown> {
  const entries = Object.entries(scrub(fields) as LogFields)
  return Object.fromEntries(entries.map(([name, value]) => [RESERVED.has(name) ? `_${name}` : name, value]))
}
