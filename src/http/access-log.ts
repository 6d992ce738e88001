import type { AccessLogSettings } from '../config/access-log-schema.ts'
import { fileFailure } from '../model/file-failure.ts'
import { ConfigError } from '../model/operator-file.ts'
import { type CommitHealth, createCommittedLines, type Waiting } from '../observe/committed-lines.ts'
import type { Counters } from '../observe/counters.ts'
import type { Gauge } from '../observe/gauges.ts'
import { createInstantText } from '../observe/instant-text.ts'
import { type LineFile, openLineFile } from '../observe/line-file.ts'
import type { Log } from '../observe/log.ts'

/**
 * Where the line of each request goes, and who waits until it is there. In files, where the configuration has a place for
 * them: no answer leaves before its line is written. Else on standard error, for which nothing waits.
 */
export interface AccessLog {
  /** One line, of members that are JSON text; `waiting` is told once what became of it, null: nothing waits. */
  write(members: string, waiting: Waiting | null): void
  /** Has what waits written now. */
  flush(): void
}

/** The access log in files. */
export interface KeptAccessLog extends AccessLog {
  health(): CommitHealth
  readonly gauges: readonly Gauge[]
  /** Once no request can come any more. */
  close(): void
}

export interface AccessLogOptions {
  /** Of this process among those of the machine; 0: it is the only one. */
  readonly worker: number
  readonly now: () => number
  readonly log: Pick<Log, 'error' | 'warn'>
  readonly counters: Counters
}

const HOUR_MS = 3_600_000

/** Throws `ConfigError` where the directory cannot be written to. */
export function openAccessLog(settings: AccessLogSettings, options: AccessLogOptions): KeptAccessLog {
  const { now } = options
  const time = createInstantText(now)
  const lines = createCommittedLines({
    ...options,
    file: openFile(settings, options),
    wordGap: ({ since, missing }) => `{"time":"${time()}","gap":{"since":"${since}","missing":${missing}}}\n`,
  })
  return { ...lines, write: (members, waiting) => lines.write(`{"time":"${time()}",${members}}\n`, waiting) }
}

function openFile(settings: AccessLogSettings, { worker, now }: AccessLogOptions): LineFile {
  const { directory, maxFileBytes, maxFileHours, maxFiles, keepDays, fsync } = settings
  try {
    return openLineFile({
      directory,
      name: `access-${worker}`,
      maxFileBytes,
      maxFileMs: maxFileHours * HOUR_MS,
      maxFiles,
      keepMs: keepDays * 24 * HOUR_MS,
      isSynced: fsync === 'batch',
      now,
    })
  } catch (cause) {
    const reason = fileFailure('written', cause)
    if (reason === null) throw cause
    throw new ConfigError([`accessLog.directory: ${directory} cannot be written to: ${reason}`], { cause })
  }
}

/** The same on standard error, as lines of the log. */
export function accessLogOn(log: Pick<Log, 'prepared'>): AccessLog {
  return {
    write(members, waiting) {
      log.prepared(members, 'request')
      waiting?.release(true)
    },
    flush() {},
  }
}
