import { describe, expect, test } from '@jest/globals'
import { createReads } from '../../src/loaders/reads.ts'
import { GatewayError } from '../../src/model/errors.ts'
import { LastKnown } from '../../src/systems/last-known.ts'
import { part } from '../../src/systems/relations/parts-logistics.ts'
import type { ReadTerms, Systems } from '../../src/systems/systems.ts'
import { viewerOf } from '../systems/viewer.ts'

const NOW_MS = Date.parse('2025-10-08T06:00:00.000Z')
const MINUTE_MS = 60_000
const FAILURE = new GatewayError('SYSTEM_UNAVAILABLE', 'Parts logistics cannot answer now.', {
  details: { system: 'PARTS_LOGISTICS', retryAfterSeconds: 3 },
})
const PAGE = { where: [], after: null, first: 10 }
const RECORD = { partNumber: 'A' }

/** A request whose system cannot answer and gave its records so many minutes ago. */
function readsAfter(minutes: number) {
  const asked: number[] = []
  const readAtMs = NOW_MS - minutes * MINUTE_MS
  const systems = {
    lookup: async (
      _v: unknown,
      _r: unknown,
      _c: unknown,
      keys: readonly unknown[],
      _g: unknown,
      { seconds }: ReadTerms,
    ) => {
      asked.push(seconds)
      return keys.map(() => new LastKnown({ value: [RECORD], readAtMs }, FAILURE))
    },
    page: async (_v: unknown, _r: unknown, _q: unknown, _g: unknown, { seconds }: ReadTerms) => {
      asked.push(seconds)
      return new LastKnown({ value: { records: [RECORD], hasNextPage: false, provenance: {} }, readAtMs }, FAILURE)
    },
  } as unknown as Systems
  const request = createReads(systems, viewerOf(), { now: () => NOW_MS })
  const told: number[] = []
  const of = (lastKnownGoodSeconds: number) =>
    request.of({ system: 'PARTS_LOGISTICS', lastKnownGoodSeconds, onLastKnown: atMs => void told.push(atMs) })
  return { of, told, asked, readAtMs }
}

describe('what a system gave last', () => {
  test('is given to a field that may have it, and the field is told when the system gave it', async () => {
    const { of, told, readAtMs } = readsAfter(10)
    const { one, many, page, all } = of(600)
    expect(await one(part, ['A'], {})).toBe(RECORD)
    expect(await many(part, ['partNumber'], ['A'], {})).toEqual([RECORD])
    expect((await page(part, PAGE, {})).records).toEqual([RECORD])
    expect((await all(part, [], {})).records).toEqual([RECORD])
    expect(told).toEqual([readAtMs, readAtMs, readAtMs, readAtMs])
  })

  test('is the failure to a field that may not, though it shares the read with one that may', async () => {
    const { of, told, asked } = readsAfter(1)
    const [may, mayNot] = [of(600), of(0)]
    const both = await Promise.allSettled([mayNot.one(part, ['A'], {}), may.one(part, ['A'], {})])
    expect(both).toEqual([
      { status: 'rejected', reason: FAILURE },
      { status: 'fulfilled', value: RECORD },
    ])
    expect(asked).toEqual([600])
    expect(told).toHaveLength(1)
  })

  test('is too old where it is older than the field may have it, to the millisecond', async () => {
    const { of, told, readAtMs } = readsAfter(10)
    const { one, page } = of(599)
    for (const read of [one(part, ['A'], {}), page(part, PAGE, {})])
      await expect(read).rejects.toMatchObject({
        code: 'DATA_TOO_OLD',
        details: { system: 'PARTS_LOGISTICS', readAt: new Date(readAtMs).toISOString(), retryAfterSeconds: 3 },
      })
    expect(told).toEqual([])
  })
})

describe('a system that has not answered a request in time', () => {
  const late = new GatewayError('DEADLINE_EXCEEDED', 'Late.')
  const down = new GatewayError('SYSTEM_UNAVAILABLE', 'Down.')

  /** Everything fails as is said; what is remembered is what each read was told of it before. */
  function failing(failure: GatewayError) {
    const told: (string | null)[] = []
    const fail = (...[, , , , , terms]: readonly unknown[]) => {
      told.push((terms as ReadTerms).givenUp?.code ?? null)
      return Promise.reject(failure)
    }
    const systems = {
      lookup: fail,
      page: (viewer: unknown, relation: unknown, request: unknown, grant: unknown, terms: unknown) =>
        fail(viewer, relation, request, grant, null, terms),
    } as unknown as Systems
    const reads = createReads(systems, viewerOf(), { now: () => NOW_MS })
    const { one, page } = reads.of({ system: 'PARTS_LOGISTICS', lastKnownGoodSeconds: 0, onLastKnown: () => {} })
    return {
      told,
      one: (n: string) => one(part, [n], {}).catch(() => {}),
      page: () => page(part, PAGE, {}).catch(() => {}),
    }
  }

  test('is not asked again for it, neither for records nor for pages', async () => {
    const { told, one, page } = failing(late)
    await one('A')
    await one('B')
    await page()
    expect(told).toEqual([null, 'DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED'])
  })

  test('is asked again where it failed for any other reason', async () => {
    const { told, one, page } = failing(down)
    await page()
    await one('A')
    expect(told).toEqual([null, null])
  })
})
