import { describe, expect, test } from '@jest/globals'
import { systemClock } from '../../src/model/clock.ts'
import { ALPHA, viewerOf } from '../systems/viewer.ts'
import { startSmallGateway } from './small-gateway.ts'

/** The time until which an answer is fresh, as the guard counts it. */
const alpha = viewerOf(ALPHA, { wave: 1, sites: ['BPNS00000000ST01'], roles: ['RETAILER'] })

/** A gateway whose operations begin `pass` milliseconds later and later, and the freshness of each from the first on. */
async function startAged(resolvers: Parameters<typeof startSmallGateway>[0]) {
  const begin = systemClock.now()
  let passed = 0
  const gateway = await startSmallGateway(resolvers, null, { now: () => begin + passed })
  return {
    pass: (milliseconds: number) => {
      passed += milliseconds
    },
    /** Milliseconds after the first operation until which the answer is fresh; null: it is not to be kept. */
    async freshFor(source: string, variables: Readonly<Record<string, unknown>> = {}): Promise<number | null> {
      const untilMs = await gateway.freshUntil(alpha, source, variables)
      return untilMs === 0 ? null : untilMs - begin
    },
  }
}

const thing = () => ({ id: 'r', value: 'v' })

describe('an answer', () => {
  test('is fresh for as long as its field keeps, from when the operation began that read it', async () => {
    const { pass, freshFor } = await startAged({ Query: { mine: thing } })
    expect(await freshFor('{ mine { value } }')).toBe(60_000)
    pass(25_000)
    // From the cache, a part of its time is over.
    expect(await freshFor('{ mine { value } }')).toBe(60_000)
  })

  test('is as fresh as its oldest part', async () => {
    const { pass, freshFor } = await startAged({ Query: { mine: thing, catalogue: thing } })
    await freshFor('{ mine { value } }')
    pass(10_000)
    expect(await freshFor('{ catalogue { value } }')).toBe(70_000)
    expect(await freshFor('{ catalogue { value } mine { value } }')).toBe(60_000)
  })

  test('has the age of a word in it as of a record', async () => {
    const { pass, freshFor } = await startAged({ Query: { catalogue: thing }, Thing: { stock: () => 'word' } })
    await freshFor('{ catalogue { stock } }')
    pass(20_000)
    expect(await freshFor('{ catalogue { stock } }')).toBe(60_000)
  })

  test('with something unknown in it is fresh for five seconds', async () => {
    const { freshFor } = await startAged({ Query: { mine: () => null, catalogue: thing } })
    expect(await freshFor('{ catalogue { value } mine { value } }')).toBe(5_000)
  })

  test('is not to be kept where a field of a system keeps for no time', async () => {
    const { freshFor } = await startAged({ Query: { mine: thing, fresh: thing } })
    expect(await freshFor('{ mine { value } fresh { value } }')).toBeNull()
  })

  test('is not to be kept where a root field of the gateway says nothing of its time, but may be where one below says nothing', async () => {
    const own = { Query: { catalogue: thing, plain: () => 'p' }, Thing: { value: () => 'v' } }
    const { freshFor } = await startAged(own)
    expect(await freshFor('{ catalogue { value } }')).toBe(60_000)
    expect(await freshFor('{ catalogue { value } plain }')).toBeNull()
  })

  test('does not count a field that is left out, and counts it where it is not, however it is executed', async () => {
    const { freshFor } = await startAged({ Query: { mine: thing, fresh: thing } })
    const source = 'query ($all: Boolean!) { mine { value } fresh @include(if: $all) { value } }'
    expect(await freshFor(source, { all: false })).toBe(60_000)
    expect(await freshFor(source, { all: true })).toBeNull()
  })
})
