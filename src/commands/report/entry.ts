import type { Decision } from '../../http/access-outcome.ts'

/** One line of an access log, as far as the report reads it. Called by the report for every line; throws nothing. */

export interface Entry {
  readonly timeMs: number
  /** Null: nobody was known to ask. */
  readonly partner: string | null
  readonly operation: string | null
  readonly systems: readonly string[]
  readonly decision: Decision
  readonly codes: readonly string[]
  readonly refused: readonly RefusedSystem[]
  readonly lastKnownGood: readonly string[]
}

export interface RefusedSystem {
  readonly system: string
  readonly code: string
  readonly state: string | null
}

/** Lines that could not be written, while nothing was answered. */
export interface MissingLines {
  readonly since: string
  readonly until: string
  readonly missing: number
}

export type Line =
  | { readonly kind: 'REQUEST'; readonly entry: Entry }
  | { readonly kind: 'GAP'; readonly gap: MissingLines; readonly timeMs: number }
  /** Counted by another line, or of the log on standard error and about no request. */
  | { readonly kind: 'OTHER' }

type Members = Readonly<Record<string, unknown>>

const DECISIONS: ReadonlySet<unknown> = new Set<Decision>(['LIVE', 'CACHED', 'LAST_KNOWN_GOOD', 'REFUSED', 'LEFT'])
const OTHER: Line = { kind: 'OTHER' }

/** Null: it is no line of an access log, or not whole. */
export function parseLine(text: string): Line | null {
  const members = membersIn(text)
  if (members === null || typeof members.time !== 'string') return null
  const timeMs = Date.parse(members.time)
  if (Number.isNaN(timeMs)) return null
  if (members.gap !== undefined) return gapIn(members.gap, members.time, timeMs)
  if (typeof members.level === 'string' && members.message !== 'request') return OTHER
  return requestIn(members, timeMs)
}

function membersIn(text: string): Members | null {
  try {
    const value: unknown = JSON.parse(text)
    return isMembers(value) ? value : null
  } catch {
    return null
  }
}

function gapIn(gap: unknown, until: string, timeMs: number): Line | null {
  if (!isMembers(gap) || typeof gap.since !== 'string' || typeof gap.missing !== 'number') return null
  return { kind: 'GAP', gap: { since: gap.since, until, missing: gap.missing }, timeMs }
}

function requestIn(members: Members, timeMs: number): Line | null {
  const { partner = null, operation = null, systems = [], decision, codes = [], refused = [] } = members
  const { lastKnownGood = [], stream, requestId } = members
  if (typeof requestId !== 'string' || !isDecision(decision) || !isTextOrNull(partner) || !isTextOrNull(operation))
    return null
  if (!isTexts(systems) || !isTexts(codes) || !isTexts(lastKnownGood) || !isRefused(refused)) return null
  if (stream === 'ENDED') return OTHER
  return { kind: 'REQUEST', entry: { timeMs, partner, operation, systems, decision, codes, refused, lastKnownGood } }
}

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isDecision = (value: unknown): value is Decision => DECISIONS.has(value)
const isTextOrNull = (value: unknown): value is string | null => value === null || typeof value === 'string'
const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(item => typeof item === 'string')
const isRefused = (value: unknown): value is readonly RefusedSystem[] =>
  Array.isArray(value) &&
  value.every(
    item =>
      isMembers(item) && typeof item.system === 'string' && typeof item.code === 'string' && isTextOrNull(item.state),
  )
