import type { Counters } from './counters.ts'
import type { Gauge } from './gauges.ts'
import type { LineFile } from './line-file.ts'
import type { Log } from './log.ts'

/**
 * Group commit for the access log: lines that come in one turn of the event loop are written together at its end, and what
 * waits for a line goes on once that is done. Where they cannot be written, what waits is told so, and a line of the log's
 * own is tried until it can be: it says how many are missing. Made once by the access log.
 */
export interface CommittedLines {
  /** One line, its newline included; `waiting` is let go exactly once, null: nothing waits. */
  write(line: string, waiting: Waiting | null): void
  /** Writes what there is, now. */
  flush(): void
  health(): CommitHealth
  readonly gauges: readonly Gauge[]
  /** Writes what there is, a last time what is missing, and lets go of the file. */
  close(): void
}

export interface Waiting {
  /** Must not throw. */
  release(isWritten: boolean): void
}

export interface CommitHealth {
  /** Since when no line can be written, RFC 3339; null: they are written. */
  readonly failingSince: string | null
}

/** Lines that are missing, from the first to the moment at which they can be written again. */
export interface Gap {
  readonly since: string
  readonly missing: number
}

export interface CommittedLinesOptions {
  readonly file: LineFile
  /** The line that tells of missing ones, its newline included. */
  readonly wordGap: (gap: Gap) => string
  readonly now: () => number
  readonly log: Pick<Log, 'error' | 'warn'>
  readonly counters: Counters
  /** Until it is tried again. Default 250 ms. */
  readonly retryMs?: number
}

export function createCommittedLines(options: CommittedLinesOptions): CommittedLines {
  const { file, wordGap, now, log, counters, retryMs = 250 } = options
  let text = ''
  let lines = 0
  let waiting: Waiting[] = []
  let isDue = false
  let gap: { readonly since: string; missing: number } | null = null
  let retry: NodeJS.Timeout | undefined

  function flush(): void {
    isDue = false
    if (lines === 0) return
    const batch = { text, lines, waiting }
    text = ''
    lines = 0
    waiting = []
    const isWritten = commit(batch.text, batch.lines)
    for (const each of batch.waiting) each.release(isWritten)
  }

  function commit(batch: string, count: number): boolean {
    if (gap === null) {
      try {
        file.append(batch)
        counters.count('access_log_lines', {}, count)
        return true
      } catch (error) {
        gap = { since: new Date(now()).toISOString(), missing: 0 }
        log.error({ error }, 'the access log cannot be written: no answer leaves until it can')
        retry = setTimeout(tryAgain, retryMs).unref()
      }
    }
    gap.missing += count
    counters.count('access_log_lines_missing', {}, count)
    return false
  }

  /** Writes what is missing, where that can be written by now; true: nothing is missing any more. */
  function closeGap(): boolean {
    if (gap === null) return true
    try {
      file.append(wordGap(gap))
      log.warn({ ...gap }, 'the access log is written again')
      gap = null
      return true
    } catch {
      return false
    }
  }

  function tryAgain(): void {
    if (!closeGap()) retry = setTimeout(tryAgain, retryMs).unref()
  }

  return {
    write(line, held) {
      text += line
      lines++
      if (held !== null) waiting.push(held)
      if (isDue) return
      isDue = true
      setImmediate(flush)
    },
    flush,
    health: () => ({ failingSince: gap?.since ?? null }),
    gauges: [{ name: 'access_log_failing', read: () => [{ value: gap === null ? 0 : 1 }] }],
    close() {
      flush()
      clearTimeout(retry)
      closeGap()
      file.close()
    },
  }
}
