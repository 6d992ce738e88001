import type { ServerDatabaseStep } from '../../demo/server-database.ts'
import type { Clock } from '../model/clock.ts'

/**
 * What is shown while a server is filled: a line per relation that grows with its rows and stays with how fast they were and how
 * long its indexes took. Called by `generate` with each step.
 */

const SHOWN_EVERY_MS = 250

export function createGenerateProgress(
  write: (text: string) => void,
  clock: Clock,
): (step: ServerDatabaseStep) => void {
  let began = 0
  let filled = 0
  let shown = 0
  return ({ kind, relation, rows }) => {
    const now = clock.now()
    switch (kind) {
      case 'filling':
        if (rows === 0) began = now
        else if (now - shown < SHOWN_EVERY_MS) return
        shown = now
        return write(line(relation, rows, now - began, ''))
      case 'indexing':
        filled = now
        return write(line(relation, rows, filled - began, 'indexes …'))
      case 'finished':
        return write(`${line(relation, rows, filled - began, `indexes ${((now - filled) / 1_000).toFixed(1)} s`)}\n`)
      default:
        kind satisfies never
    }
  }
}

/** Begins where the last one did, and is long enough to cover it. */
function line(relation: string, rows: number, tookMs: number, rest: string): string {
  const perSecond = tookMs > 0 ? `${grouped((rows / tookMs) * 1_000)} rows/s` : ''
  return `\r${relation.padEnd(24)} ${grouped(rows).padStart(10)} rows ${perSecond.padStart(16)}  ${rest.padEnd(14)}`
}

const grouped = (count: number): string => Math.round(count).toLocaleString('en')
