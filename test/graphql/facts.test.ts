import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createFacts, type Facts } from '../../src/graphql/facts.ts'
import { VIEWER_FACTS, type ViewerFact } from '../../src/model/viewer.ts'
import { ALPHA, viewerOf } from '../systems/viewer.ts'

const viewer = viewerOf(ALPHA, { roles: ['RETAILER'], sites: ['BPNS00000000ST01'], wave: 2 })
/** What is seen of a viewer, and by which fact. */
const MEMBERS: Readonly<Record<keyof Facts, readonly [ViewerFact, unknown]>> = {
  owner: ['PARTNER', ALPHA],
  partner: ['PARTNER', viewer.partner],
  viewer: ['PARTNER', viewer],
  sites: ['SITES', ['BPNS00000000ST01']],
  roles: ['ROLE', ['RETAILER']],
  wave: ['WAVE', 2],
}

describe('a field', () => {
  test('sees of the viewer what it declares, and fails over anything else', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...VIEWER_FACTS]), declared => {
        const facts = createFacts(viewer, declared)
        for (const [member, [fact, value]] of Object.entries(MEMBERS)) {
          const seen = () => facts[member as keyof Facts]
          if (declared.includes(fact)) expect(seen()).toEqual(value)
          else expect(seen).toThrow(new TypeError(`a field depends on ${fact}, which its @partition does not declare`))
        }
      }),
    )
  })

  test('has no other way to the viewer', () =>
    expect(Object.keys(createFacts(viewer, [])).toSorted()).toEqual(Object.keys(MEMBERS).toSorted()))
})
