import { describe, expect, test } from '@jest/globals'
import type { FieldContext } from '../../src/graphql/context.ts'
import { fieldCacheOptions } from '../../src/graphql/field-cache.ts'
import { keptFields } from '../../src/graphql/kept-fields.ts'
import type { KeptValue } from '../../src/graphql/kept-value.ts'
import { readDeclarations } from '../../src/operations/declarations.ts'
import { partnerSchema, schemaOf } from '../operations/planning.ts'
import { ALPHA, BETA, viewerOf } from '../systems/viewer.ts'
import { counted, startSmallGateway } from './small-gateway.ts'

const alpha = viewerOf(ALPHA, { wave: 1, sites: ['BPNS00000000ST01'], roles: ['RETAILER'] })
const beta = viewerOf(BETA, { wave: 2, sites: ['BPNS00000000ST02'], roles: ['SUPPLIER'] })

const NOW = Date.parse('2025-10-08T05:30:00Z')

interface FieldPolicy {
  readonly ttl: (given: KeptValue) => number
  readonly key: (of: { readonly ctx: FieldContext }) => string
  readonly skip: (self: unknown, args: unknown, context: FieldContext) => boolean
}

function policyOf(schema = partnerSchema) {
  const counter = () => () => {}
  const kept = keptFields(readDeclarations(schema))
  const options = fieldCacheOptions({
    entries: { single: 10, paged: 10 },
    kept,
    counter,
    isShared: false,
    clock: { now: () => NOW },
  })
  return options.policy as unknown as Readonly<Record<string, Readonly<Record<string, FieldPolicy>>>>
}

describe('the policy of the field cache', () => {
  test('covers exactly the fields of the root that read a system and declare how long they keep', () => {
    const covered = Object.entries(policyOf()).flatMap(([type, fields]) =>
      Object.keys(fields).map(field => `${type}.${field}`),
    )
    const declared = [...readDeclarations(partnerSchema).values()].filter(
      ({ coordinate, system, maxAgeSeconds }) => coordinate.startsWith('Query.') && system !== null && maxAgeSeconds,
    )
    expect(covered.toSorted()).toEqual(declared.map(({ coordinate }) => coordinate).toSorted())
    expect(covered).toContain('Query.part')
    expect(covered).not.toContain('Query.restartStatus')
  })

  test('leaves out what keeps for no time, because a time of 0 would still share one flight', () => {
    const source = '@source(system: PARTS_LOGISTICS) @partition @requiresScopes(scopes: [["x"]])'
    const sdl = `type Query { kept: Int ${source} @cacheControl(maxAge: 5) zero: Int ${source} @cacheControl(maxAge: 0) unsaid: Int ${source} }`
    expect(Object.keys(policyOf(schemaOf(sdl)).Query ?? {})).toEqual(['kept'])
  })

  test('keeps a record as long as its field declares, and the unknown only briefly', () => {
    const { part, partAvailability } = policyOf().Query ?? {}
    const read = (value: unknown, readAtMs = NOW): KeptValue => ({ value, readAtMs, lastKnownAtMs: null })
    expect([part?.ttl(read({ id: 'r' })), part?.ttl(read(null))]).toEqual([3600, 5])
    expect([partAvailability?.ttl(read([])), partAvailability?.ttl(read(null))]).toEqual([30, 5])
    // From when it was read: the moment that this took is not worth a second, ten seconds are ten.
    expect([20, 10_000, 40_000].map(ageMs => partAvailability?.ttl(read([], NOW - ageMs)))).toEqual([30, 20, 0])
  })

  test("keeps nothing that the guard gave no key, and everything else under the guard's key alone", () => {
    const at = (cacheKey: string | null) => ({ cacheKey }) as FieldContext
    const { part } = policyOf().Query ?? {}
    expect(part?.skip({}, {}, at(null))).toBe(true)
    expect(part?.skip({}, {}, at('k'))).toBe(false)
    expect(part?.key({ ctx: at('k') })).toBe('k')
  })
})

test('pages have stores of their own that hold no more records than single ones may be', () => {
  const { policy, storage } = fieldCacheOptions({
    entries: { single: 5_000, paged: 10_000 },
    kept: keptFields(readDeclarations(partnerSchema)),
    counter: () => () => {},
    isShared: false,
    clock: { now: () => NOW },
  })
  const fields = Object.values(policy as object).flatMap((type: object) => Object.entries(type))
  const paged = fields.filter(([, { storage: own }]) => own !== undefined)
  expect(paged.map(([name]) => name).toSorted()).toEqual([
    'materialDemands',
    'partAvailability',
    'partsOrderLines',
    'productionSchedule',
    'supplierInvoices',
    'supplierPayments',
    'vehicleWholesales',
  ])
  for (const [, { storage: own }] of paged) expect(own).toEqual({ type: 'memory', options: { size: 29 } })
  expect(storage).toEqual({ type: 'memory', options: { size: 5_000 } })
})

describe('the field cache', () => {
  test('gives each partner its own where the field depends on the partner', async () => {
    const { resolve, calls } = counted(({ facts }) => ({ value: facts.owner }))
    const { ask } = await startSmallGateway({ Query: { mine: resolve } })
    for (const viewer of [alpha, beta, alpha, beta])
      expect(await ask(viewer, '{ mine { value } }')).toMatchObject({ data: { mine: { value: viewer.partner.bpnl } } })
    expect(calls()).toBe(2)
  })

  test('gives a partner whose rights changed nothing from before', async () => {
    const { resolve, calls } = counted()
    const { ask } = await startSmallGateway({ Query: { mine: resolve } })
    await ask(alpha, '{ mine { value } }')
    await ask({ ...alpha, epoch: '2' }, '{ mine { value } }')
    expect(calls()).toBe(2)
  })

  test('shares between partners what depends on none, but for an argument that does', async () => {
    const { resolve, calls } = counted()
    const { ask } = await startSmallGateway({ Query: { catalogue: resolve } })
    for (const viewer of [alpha, beta]) await ask(viewer, '{ catalogue(partNumber: "A") { value } }')
    expect(calls()).toBe(1)
    for (const viewer of [alpha, beta]) await ask(viewer, '{ catalogue(partNumber: "A", site: "s") { value } }')
    expect(calls()).toBe(3)
  })

  test('tells arguments and records apart', async () => {
    const stocks: string[] = []
    const { ask } = await startSmallGateway({
      Query: { catalogue: (_self, { partNumber }) => ({ id: `id of ${partNumber}` }) },
      Thing: {
        stock: (self: { readonly id: string }) => {
          stocks.push(self.id)
          return self.id
        },
      },
    })
    const answer = await ask(
      alpha,
      '{ a: catalogue(partNumber: "A") { stock } b: catalogue(partNumber: "B") { stock } c: catalogue(partNumber: "A") { stock } }',
    )
    expect(answer.data).toEqual({ a: { stock: 'id of A' }, b: { stock: 'id of B' }, c: { stock: 'id of A' } })
    expect(stocks.toSorted()).toEqual(['id of A', 'id of B'])
  })

  test('keeps no field of a record that has no identity, and no field without a lifetime', async () => {
    let calls = 0
    const count = () => String(++calls)
    const { ask, lookups } = await startSmallGateway({
      Query: { catalogue: () => ({ value: 'anonymous' }), fresh: () => ({ id: 'r', value: count() }) },
      Thing: { stock: count },
    })
    await ask(alpha, '{ catalogue { stock } fresh { value } }')
    expect(await ask(alpha, '{ catalogue { stock } fresh { value } }')).toMatchObject({ errors: [] })
    expect(calls).toBe(4)
    expect(lookups.filter(lookup => lookup.startsWith('Thing.stock'))).toEqual([
      'Thing.stock skipped',
      'Thing.stock skipped',
    ])
  })

  test('keeps no failure', async () => {
    let isDown = true
    const { ask } = await startSmallGateway({
      Query: {
        mine: async () => {
          if (isDown) throw new Error('down')
          return { id: 'r', value: 'up' }
        },
      },
    })
    expect((await ask(alpha, '{ mine { value } }')).errors).toEqual([['mine', 'down']])
    isDown = false
    expect(await ask(alpha, '{ mine { value } }')).toEqual({ data: { mine: { value: 'up' } }, errors: [] })
  })

  test('keeps the whole record, whatever was selected of it and through whatever fragments', async () => {
    const { resolve, calls } = counted(() => ({ value: 'v' }))
    const { ask } = await startSmallGateway({ Query: { mine: resolve } })
    expect(await ask(alpha, '{ mine { id } }')).toMatchObject({ data: { mine: { id: 'r' } } })
    for (const source of [
      '{ mine { ... { ... { value } } } }',
      '{ mine { ...F } } fragment F on Thing { value }',
      '{ mine { ...F } } fragment F on Thing { value id }',
    ])
      expect(await ask(alpha, source)).toMatchObject({ data: { mine: { value: 'v' } }, errors: [] })
    expect(calls()).toBe(1)
  })
})
