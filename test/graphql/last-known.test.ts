import { describe, expect, test } from '@jest/globals'
import type { FieldContext } from '../../src/graphql/context.ts'
import { createReads } from '../../src/loaders/reads.ts'
import { GatewayError } from '../../src/model/errors.ts'
import type { Viewer } from '../../src/model/viewer.ts'
import { LastKnown } from '../../src/systems/last-known.ts'
import { part } from '../../src/systems/relations/parts-logistics.ts'
import type { Systems } from '../../src/systems/systems.ts'
import { ALPHA, BETA, viewerOf } from '../systems/viewer.ts'
import { type SmallResolvers, startSmallGateway } from './small-gateway.ts'

/** `catalogue`, which may give what the system gave last for an hour, and `Thing.stock`, which may for ten minutes. */
const NOW_MS = Date.parse('2025-10-08T06:00:00.000Z')
const alpha = viewerOf(ALPHA, { sites: ['BPNS00000000ST01'] })
const beta = viewerOf(BETA, { sites: ['BPNS00000000ST01'] })
const clock = { now: () => NOW_MS }
const FAILURE = new GatewayError('SYSTEM_UNAVAILABLE', 'Parts logistics cannot answer now.')
const LIVE = { data: { catalogue: { value: 'live' } }, errors: [] }

/** A gateway whose system can be told to fail: then it gave its records so many minutes ago. */
async function startFailing(thing: Partial<SmallResolvers['Thing']> = {}) {
  let minutes: number | null = null
  const systems = {
    lookup: async (_v: unknown, _r: unknown, _c: unknown, keys: readonly (readonly unknown[])[]) => {
      const last = minutes
      if (last === null) return keys.map(([id]) => [{ id, value: 'live' }])
      return keys.map(
        ([id]) => new LastKnown({ value: [{ id, value: 'last' }], readAtMs: NOW_MS - last * 60_000 }, FAILURE),
      )
    },
  } as unknown as Systems
  const record = ({ reads }: FieldContext) => reads.one(part, ['A'], {})
  const gateway = await startSmallGateway(
    {
      Query: { catalogue: (_s, _a, context) => record(context), fresh: (_s, _a, context) => record(context) },
      Thing: {
        stock: async (_s, _a, context) => {
          const found = (await record(context)) as Readonly<Record<string, unknown>> | null
          return found?.value
        },
        ...thing,
      },
    },
    null,
    clock,
  )
  return {
    ...gateway,
    fail: (since: number | null) => {
      minutes = since
    },
    ask: (viewer: Viewer, source: string) => gateway.ask(viewer, source, createReads(systems, viewer, clock)),
  }
}

const warned = (minutes: number) => ({
  warnings: [
    {
      code: 'LAST_KNOWN_GOOD',
      system: 'PARTS_LOGISTICS',
      readAt: new Date(NOW_MS - minutes * 60_000).toISOString(),
      message: 'Parts logistics cannot answer now: this is what it gave last.',
    },
  ],
})

describe('an answer with what a system gave last', () => {
  test('warns of it, and says when the system gave the oldest of it', async () => {
    const { ask, fail } = await startFailing()
    fail(5)
    expect(await ask(alpha, '{ catalogue { value stock } plain }')).toEqual({
      data: { catalogue: { value: 'last', stock: 'last' }, plain: null },
      errors: [],
      extensions: warned(5),
    })
  })

  test('is not kept: the next question is answered by the system, and then without a warning', async () => {
    const { ask, fail } = await startFailing()
    fail(5)
    expect((await ask(alpha, '{ catalogue { value } }')).data).toEqual({ catalogue: { value: 'last' } })
    fail(null)
    expect(await ask(alpha, '{ catalogue { value } }')).toEqual(LIVE)
  })

  test('leaves nothing behind that a field has made of its record without a read', async () => {
    const { ask, fail } = await startFailing({ stock: (self: { readonly value: string }) => `made of ${self.value}` })
    fail(5)
    expect(await ask(alpha, '{ catalogue { stock } }')).toMatchObject({
      data: { catalogue: { stock: 'made of last' } },
    })
    fail(null)
    expect((await ask(alpha, '{ catalogue { stock } }')).data).toEqual({ catalogue: { stock: 'made of live' } })
  })

  test('does not take the place of what is still fresh in the cache', async () => {
    const { ask, fail } = await startFailing()
    await ask(alpha, '{ catalogue { value } }')
    fail(5)
    expect(await ask(alpha, '{ catalogue { value } }')).toEqual(LIVE)
  })

  test('is marked for everybody who joined its flight', async () => {
    const { ask, fail, lookups } = await startFailing()
    fail(5)
    const answers = await Promise.all([alpha, beta, alpha].map(viewer => ask(viewer, '{ catalogue { value } }')))
    expect(lookups).toEqual(expect.arrayContaining(['Query.catalogue miss', 'Query.catalogue shared']))
    for (const answer of answers)
      expect(answer).toMatchObject({ data: { catalogue: { value: 'last' } }, extensions: warned(5) })
  })

  test('goes as far as each field may: one that may not have it, or not so old, has an error', async () => {
    const { ask, fail } = await startFailing()
    fail(20)
    expect(await ask(alpha, '{ catalogue { value stock } fresh { value } }')).toEqual({
      data: { catalogue: { value: 'last', stock: null }, fresh: null },
      errors: expect.arrayContaining([
        ['catalogue.stock', 'DATA_TOO_OLD'],
        ['fresh', 'SYSTEM_UNAVAILABLE'],
      ]),
      extensions: warned(20),
    })
  })
})
