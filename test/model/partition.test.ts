import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { partitionOf } from '../../src/model/partition.ts'
import { PARTNER_ROLES, VIEWER_FACTS, type Viewer, type ViewerFact } from '../../src/model/viewer.ts'

/** Viewers out of few values, so that equal facts are common. */
const viewers: fc.Arbitrary<Viewer> = fc.record({
  partner: fc.record({
    bpnl: fc.constantFrom('BPNL0000000ALPHA', 'BPNL00000000BETA'),
    name: fc.constantFrom('Alpha', 'Beta'),
    roles: fc.shuffledSubarray([...PARTNER_ROLES].slice(0, 2)),
    sites: fc.shuffledSubarray(['BPNS00000000SITA', 'BPNS00000000SITB']),
    wave: fc.constantFrom(null, 1, 2),
  }),
  clientId: fc.constantFrom('one', 'two'),
  scopes: fc.constantFrom(new Set<string>(), new Set(['parts:read'])),
  epoch: fc.constantFrom('1', '2'),
  operationCostLimit: fc.constant(1_000),
  costPerMinute: fc.constant(1_000),
})
const facts = fc.shuffledSubarray([...VIEWER_FACTS])

/** What each fact is, said a second time and in another way. */
const SAME: Readonly<Record<ViewerFact, (a: Viewer, b: Viewer) => boolean>> = {
  PARTNER: (a, b) => a.partner.bpnl === b.partner.bpnl && a.epoch === b.epoch,
  SITES: (a, b) => a.partner.sites.join() === b.partner.sites.join(),
  ROLE: (a, b) => a.partner.roles.toSorted().join() === b.partner.roles.toSorted().join(),
  WAVE: (a, b) => a.partner.wave === b.partner.wave,
}

describe('two partitions', () => {
  test('are equal exactly when every declared fact is', () => {
    fc.assert(
      fc.property(viewers, viewers, facts, (a, b, declared) => {
        const areSame = declared.every(fact => SAME[fact](a, b))
        expect(partitionOf(a, declared) === partitionOf(b, declared)).toBe(areSame)
      }),
      { numRuns: 1_000 },
    )
  })

  test('are equal whatever order the facts are declared in', () => {
    fc.assert(
      fc.property(viewers, facts, (viewer, declared) => {
        expect(partitionOf(viewer, declared.toReversed())).toBe(partitionOf(viewer, declared))
      }),
    )
  })

  test('differ between a partner before and after its rights change', () => {
    fc.assert(
      fc.property(viewers, viewer => {
        const changed = { ...viewer, epoch: `${viewer.epoch}.1` }
        expect(partitionOf(changed, ['PARTNER'])).not.toBe(partitionOf(viewer, ['PARTNER']))
      }),
    )
  })
})

test('without declared facts, all viewers are in one partition', () => {
  fc.assert(fc.property(viewers, viewers, (a, b) => expect(partitionOf(a, [])).toBe(partitionOf(b, []))))
})
