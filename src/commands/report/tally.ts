import type { Entry } from './entry.ts'

/**
 * Adds lines up: who read what, and how each partner was answered of each system. Called by the report; it takes as much memory
 * as there are different rows, up to a bound, beyond which operations are added up under one name.
 */

export interface Read {
  readonly partner: string | null
  readonly operation: string | null
  readonly systems: readonly string[]
  /** How many times something was given. */
  count: number
  lastMs: number
}

export interface Answers {
  readonly partner: string | null
  /** Null: the request read none, or was refused before it was known which. */
  readonly system: string | null
  live: number
  cached: number
  lastKnownGood: number
  left: number
  readonly refused: Map<string, Refused>
}

export interface Refused {
  readonly code: string
  readonly state: string | null
  count: number
}

export interface Tally {
  add(entry: Entry): void
  reads(): readonly Read[]
  answers(): readonly Answers[]
}

/** What is beyond the bound. */
export const OTHERS = '(others)'
const MAX_ROWS = 50_000

export function createTally(maxRows = MAX_ROWS): Tally {
  const reads = new Map<string, Read>()
  const answers = new Map<string, Answers>()

  function addRead({ partner, operation, systems, timeMs }: Entry): void {
    const read = found(reads, JSON.stringify([partner, operation, systems]), maxRows, isOther => ({
      partner: isOther ? OTHERS : partner,
      operation: isOther ? OTHERS : operation,
      systems: isOther ? [] : systems,
      count: 0,
      lastMs: timeMs,
    }))
    read.count++
    read.lastMs = Math.max(read.lastMs, timeMs)
  }

  function answersOf(partner: string | null, system: string | null): Answers {
    return found(answers, JSON.stringify([partner, system]), maxRows, isOther => ({
      partner: isOther ? OTHERS : partner,
      system: isOther ? OTHERS : system,
      live: 0,
      cached: 0,
      lastKnownGood: 0,
      left: 0,
      refused: new Map(),
    }))
  }

  return {
    add(entry) {
      const { partner, systems, decision } = entry
      if (decision !== 'REFUSED' && decision !== 'LEFT') addRead(entry)
      for (const system of systems.length === 0 ? [null] : systems) addAnswer(answersOf(partner, system), entry)
    },
    reads: () => [...reads.values()].toSorted((a, b) => inOrder(a.partner, b.partner) || b.count - a.count),
    answers: () =>
      [...answers.values()].toSorted((a, b) => inOrder(a.partner, b.partner) || inOrder(a.system, b.system)),
  }
}

function addAnswer(row: Answers, { decision, codes, refused, lastKnownGood }: Entry): void {
  const own = refused.filter(({ system }) => system === row.system)
  if (decision === 'LEFT') row.left++
  else if (own.length > 0) for (const { code, state } of own) addRefused(row, code, state)
  else if (decision === 'REFUSED') for (const code of codes.length === 0 ? ['–'] : codes) addRefused(row, code, null)
  else if (row.system !== null && lastKnownGood.includes(row.system)) row.lastKnownGood++
  else if (decision === 'CACHED') row.cached++
  else row.live++
}

function addRefused({ refused }: Answers, code: string, state: string | null): void {
  found(refused, `${code} ${state}`, MAX_ROWS, isOther => ({ code: isOther ? OTHERS : code, state, count: 0 })).count++
}

/** The row under a key, or the one for all that there is no room for. */
function found<R>(rows: Map<string, R>, key: string, max: number, make: (isOther: boolean) => R): R {
  const known = rows.get(key)
  if (known !== undefined) return known
  const isOther = rows.size >= max
  const own = isOther ? OTHERS : key
  const row = rows.get(own) ?? make(isOther)
  rows.set(own, row)
  return row
}

/** Nobody comes last. */
function inOrder(a: string | null, b: string | null): number {
  if (a === b) return 0
  if (a === null || b === null) return a === null ? 1 : -1
  return a < b ? -1 : 1
}
