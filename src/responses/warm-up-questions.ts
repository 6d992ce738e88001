import type { Clock } from '../model/clock.ts'
import { keyOf } from '../model/key.ts'
import { partitionOf } from '../model/partition.ts'
import type { SystemKey } from '../model/system.ts'
import { VIEWER_FACTS, type Viewer, type ViewerFact } from '../model/viewer.ts'
import type { Question } from '../operations/question.ts'
import { createFairStore } from '../store/fair-store.ts'

/**
 * What is asked most, and by whom last. Called by the warm-up on every question, so counting is a look-up or two. It is
 * bounded in bytes, which partners share fairly, and forgets: what counts is the crowd of the last quarter of an hour or so.
 */
export interface AskedQuestions {
  count(question: Question, viewer: Viewer, times: number): void
  /**
   * At most `most` of those that read the system and were asked by somebody who may ask now, the hottest first, each answer
   * once. No partner has more than its share by itself.
   */
  hottest(system: SystemKey, most: number, mayAsk: (viewer: Viewer) => boolean): readonly AskedQuestion[]
}

export interface AskedQuestion {
  readonly question: Question
  /** Who asked it last. */
  readonly viewer: Viewer
}

/** A question as those ask it who are given the same answer and are of the same wave: a system opens to all of them or to none. */
interface Entry {
  readonly question: Question
  /** Names the answer: the same for all waves, unless it depends on them. */
  readonly answer: string
  viewer: Viewer
  /** Times asked, each counting half as much after every period. */
  heat: number
  period: number
  /** Whether more than one partner asks it. */
  isShared: boolean
}

const HALF_LIFE_MS = 600_000
/** Of the places, at most one in so many is a single partner's. */
const SHARE = 8
/** Of so many questions that are not known, one is kept where there is little room. */
const NEWCOMERS_AN_ENTRY = 8
/** What an entry takes beside what is counted: its links, its key, its maps. */
const ENTRY_BYTES = 1_024
/** A plan with its document and compiled parts takes about so much for each of its fields. */
const FIELD_BYTES = 512

export function createAskedQuestions({
  maxBytes,
  clock,
}: {
  readonly maxBytes: number
  readonly clock: Clock
}): AskedQuestions {
  const entries = createFairStore<Entry>({ maxBytes, clock })
  const variantOf = createVariants()
  const period = () => Math.floor(clock.now() / HALF_LIFE_MS)
  let newcomers = 0

  function enter(key: string, question: Question, viewer: Viewer, times: number): void {
    // What is asked often comes again, so keeping what is asked once out of a full memory costs the hot ones nothing.
    if (entries.bytes > maxBytes / 2 && newcomers++ % NEWCOMERS_AN_ENTRY !== 0) return
    const answer = `${question.key} ${variantOf(viewer, question.plan.partition, false)}`
    const entry = { question, answer, viewer, heat: times, period: period(), isShared: false }
    entries.set(key, entry, bytesOf(question), viewer.partner.bpnl, Infinity)
  }

  return {
    count(question, viewer, times) {
      const key = `${question.key} ${variantOf(viewer, question.plan.partition, true)}`
      const entry = entries.get(key)
      if (entry === undefined) return enter(key, question, viewer, times)
      const now = period()
      entry.heat = heatAt(entry, now) + times
      entry.period = now
      entry.isShared ||= isOfOthers(entry, viewer)
      entry.viewer = viewer
    },
    hottest(system, most, mayAsk) {
      const now = period()
      const answers = new Map<string, Entry>()
      for (const entry of entries.values()) {
        if (!entry.question.plan.systems.has(system) || !mayAsk(entry.viewer)) continue
        const same = answers.get(entry.answer)
        const heat = heatAt(entry, now) + (same?.heat ?? 0)
        const isShared = entry.isShared || (same !== undefined && (same.isShared || isOfOthers(same, entry.viewer)))
        answers.set(entry.answer, { ...entry, heat, isShared })
      }
      return fairly(
        [...answers.values()].toSorted((a, b) => b.heat - a.heat),
        most,
      )
    },
  }
}

function heatAt({ heat, period }: Entry, now: number): number {
  return heat * 2 ** Math.min(0, period - now)
}

function isOfOthers({ viewer }: Entry, { partner }: Viewer): boolean {
  return viewer.partner.bpnl !== partner.bpnl
}

/** Leaves out what a partner asks alone, beyond its share. */
function fairly(ranked: readonly Entry[], most: number): readonly AskedQuestion[] {
  const share = Math.ceil(most / SHARE)
  const taken = new Map<string, number>()
  const chosen: AskedQuestion[] = []
  for (const { question, viewer, isShared } of ranked) {
    if (chosen.length === most) break
    const own = taken.get(viewer.partner.bpnl) ?? 0
    if (!isShared && own === share) continue
    if (!isShared) taken.set(viewer.partner.bpnl, own + 1)
    chosen.push({ question, viewer })
  }
  return chosen
}

/** An estimate, rather too high: in full what its variables take, and its plan as if no other question had the same. */
function bytesOf({ plan, variables }: Question): number {
  return ENTRY_BYTES + plan.fields * FIELD_BYTES + 2 * JSON.stringify(variables).length
}

/** Sets of facts as numbers. */
const BITS: Readonly<Record<ViewerFact, number>> = { PARTNER: 1, SITES: 2, ROLE: 4, WAVE: 8 }

/**
 * The viewer's part in what it is answered, as a key: viewers of equal facts are given equal answers. Worked out once a
 * viewer for each set of facts that a plan may name, and gone with the viewer.
 */
function createVariants() {
  const known = new WeakMap<Viewer, (string | undefined)[]>()
  return (viewer: Viewer, facts: ReadonlySet<ViewerFact>, isOfWave: boolean): string => {
    let set = isOfWave ? BITS.WAVE : 0
    for (const fact of facts) set |= BITS[fact]
    let variants = known.get(viewer)
    if (variants === undefined) {
      variants = []
      known.set(viewer, variants)
    }
    const variant = variants[set]
    if (variant !== undefined) return variant
    const named = VIEWER_FACTS.filter(fact => (set & BITS[fact]) !== 0)
    const made = keyOf(partitionOf(viewer, named))
    variants[set] = made
    return made
  }
}
