import { isDeepStrictEqual } from 'node:util'
import { deepFreeze } from '../../model/freeze.ts'
import { SYSTEM_KEYS } from '../../model/system.ts'
import { lapse, nextLapseMs } from '../lifecycle/closing.ts'
import type { Rules } from '../lifecycle/rules.ts'
import type { RecoverySnapshot } from '../recovery.ts'
import type { JournalHead } from '../state.ts'
import type { KindName } from '../statements/statement-kinds.ts'
import type { SystemState } from '../system-state.ts'
import type { AcceptedStatement } from './accepted.ts'
import { apply } from './apply/apply.ts'
import { partnersAfter } from './apply/partner-grant.ts'
import { epochOf } from './epoch.ts'

/**
 * The state of the restart as the fold of the journal: pure, so every instance comes to the same state from the same
 * entries. Called by whoever follows the journal, and for previews. It judges nothing: what stands in the journal was
 * accepted, guards and all.
 */

/**
 * The snapshot after these entries; those that it holds already are skipped. What has lapsed by the time of an entry is
 * closed before it, and what an entry undermines right after it. Throws where an entry is missing in between.
 */
export function fold(
  snapshot: RecoverySnapshot,
  accepted: readonly AcceptedStatement[],
  rules: Rules,
): RecoverySnapshot {
  const fresh = accepted.filter(({ sequence }) => sequence > snapshot.state.head.sequence)
  if (fresh.length === 0) return snapshot
  let current = snapshot
  // Until then no entry needs to ask what has lapsed, unless it may undermine something itself.
  let lapsesAtMs = nextLapseMs(current, rules)
  for (const entry of fresh) {
    const atMs = Date.parse(entry.recordedAt)
    const isDue = atMs >= lapsesAtMs
    const before = isDue ? lapse(current, atMs, rules) : current
    const applied = afterEntry(before, entry)
    const undermines = !HARMLESS.has(entry.statement.kind)
    current = withEpochs(before, undermines ? lapse(applied, atMs, rules) : applied, entry)
    if (isDue || undermines) lapsesAtMs = nextLapseMs(current, rules)
  }
  const partners = partnersAfter(snapshot.state.partners, fresh, current.state.head.journal)
  return deepFreeze({ ...current, state: { ...current.state, partners } })
}

/** Kinds that never bring a closing nearer. */
const HARMLESS: ReadonlySet<KindName> = new Set([
  'partner-grant',
  'restart-update',
  'planned-reopening',
  'site-restart',
  'backlog-measure',
])

/** Kinds of which partners see nothing. */
const UNSEEN: ReadonlySet<KindName> = new Set(['restore-attestation', 'partner-grant'])

function afterEntry({ state, epochs }: RecoverySnapshot, entry: AcceptedStatement): RecoverySnapshot {
  const { statement, recordedAt } = entry
  const updatedAt = UNSEEN.has(statement.kind) ? state.updatedAt : recordedAt
  return { state: { ...apply(state, entry), head: headAt(state.head, entry), updatedAt }, epochs }
}

function headAt(
  { journal, sequence: last }: JournalHead,
  { sequence, hash, recordedAt }: AcceptedStatement,
): JournalHead {
  if (sequence !== last + 1) throw new RangeError(`entry ${sequence} of the journal was given after entry ${last}`)
  return { journal: sequence === 1 ? hash : journal, sequence, hash, recordedAt }
}

/** New epochs for the systems of which something else is served since this entry. */
function withEpochs(
  before: RecoverySnapshot,
  after: RecoverySnapshot,
  { sequence }: AcceptedStatement,
): RecoverySnapshot {
  const changed = SYSTEM_KEYS.filter(key => !isServedAlike(before.state.systems[key], after.state.systems[key]))
  if (changed.length === 0) return after
  const epoch = epochOf(after.state.head.journal, sequence)
  return { ...after, epochs: { ...after.epochs, ...Object.fromEntries(changed.map(key => [key, epoch])) } }
}

function isServedAlike(one: SystemState, other: SystemState): boolean {
  return one === other || isDeepStrictEqual(served(one), served(other))
}

/** All of a system's state that decides what is served from it, and as what. */
function served(system: SystemState) {
  const { lifecycle, since, waves, suspension, distrusted, gap, reconciledThrough } = system
  return { lifecycle, since, waves, suspension, distrusted, gap, reconciledThrough }
}
