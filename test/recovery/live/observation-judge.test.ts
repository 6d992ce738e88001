import { expect, test } from '@jest/globals'
import { fold } from '../../../src/recovery/fold/fold.ts'
import type { Observation } from '../../../src/recovery/lifecycle/observation.ts'
import { createLiveState } from '../../../src/recovery/live/live-state.ts'
import { createObservationJudge } from '../../../src/recovery/live/observation-judge.ts'
import { at, emptySnapshot, msAt, PARTS, RULES, recorded, roadTo } from '../fold/statements.ts'

const SEEN: Observation = {
  at: at(30),
  asOf: at(30),
  readOnlyProven: true,
  writeAccepted: false,
  totals: {},
  reads: { answered: 0, failed: 0 },
  failure: null,
}
const SILENT_AFTER = RULES.policy.feedSilentHours

function judgeAt(hours: number) {
  let nowMs = msAt(hours)
  const clock = { now: () => nowMs }
  const live = createLiveState({ initial: fold(emptySnapshot(), recorded(roadTo('OPEN')), RULES), rules: RULES, clock })
  const { judge } = createObservationJudge({ live, rules: RULES, clock })
  return {
    see(asOf: string | null, later: number) {
      nowMs = msAt(later)
      judge(PARTS, { ...SEEN, asOf })
      const { lifecycle, suspension } = live.current().state.systems[PARTS]
      return suspension?.cause ?? lifecycle
    },
  }
}

test('a feed that has been silent for too long closes its system, and not before', () => {
  const { see } = judgeAt(30)
  expect(see(at(30), 30)).toBe('OPEN')
  expect(see(at(30), 30 + SILENT_AFTER)).toBe('OPEN')
  expect(see(at(30), 30.1 + SILENT_AFTER)).toBe('FEED_SILENT')
})

test('a time that lies ahead keeps no system open whose feed is silent', () => {
  const { see } = judgeAt(30)
  expect(see(at(30), 30)).toBe('OPEN')
  expect(see(at(500), 31)).toBe('OPEN')
  expect(see(at(500), 30.1 + SILENT_AFTER)).toBe('FEED_SILENT')
})
