import { describe, expect, test } from '@jest/globals'
import { createSourceEventStream, parse } from 'graphql'
import {
  createOperationContext,
  createRequestContext,
  type FieldContext,
  type Knowledge,
  NO_REQUEST_READS,
} from '../../src/graphql/context.ts'
import { guardFields } from '../../src/graphql/field-guard.ts'
import { createReads } from '../../src/loaders/reads.ts'
import { systemClock } from '../../src/model/clock.ts'
import { readDeclarations } from '../../src/operations/declarations.ts'
import { createGate } from '../../src/systems/gate.ts'
import { part } from '../../src/systems/relations/parts-logistics.ts'
import { supplierInvoice } from '../../src/systems/relations/wholesale-finance.ts'
import type { Systems } from '../../src/systems/systems.ts'
import { schemaOf } from '../operations/planning.ts'
import { createDeclaredRecovery, declaredState } from '../support/declared-recovery.ts'
import { ALPHA, BETA, viewerOf } from '../systems/viewer.ts'
import { counted, type Resolve, startSmallGateway } from './small-gateway.ts'

const alpha = viewerOf(ALPHA, { wave: 1, sites: ['BPNS00000000ST01'], roles: ['RETAILER'] })
const beta = viewerOf(BETA, { wave: 2, sites: ['BPNS00000000ST02'], roles: ['SUPPLIER'] })
const closed = declaredState({
  WHOLESALE_FINANCE: { lifecycle: 'SUSPENDED' },
  PARTS_LOGISTICS: { lifecycle: 'SUSPENDED' },
})

describe('the gate', () => {
  test('is asked when the cache has the answer, and the answer is not given once the system is closed', async () => {
    const { resolve, calls } = counted()
    const { ask, recovery, lookups } = await startSmallGateway({ Query: { mine: resolve } })
    const source = '{ mine { value } plain }'
    expect(await ask(alpha, source)).toEqual({ data: { mine: { value: '1' }, plain: null }, errors: [] })
    expect(await ask(alpha, source)).toEqual({ data: { mine: { value: '1' }, plain: null }, errors: [] })
    expect(lookups).toEqual(['Query.mine miss', 'Query.mine hit'])
    recovery.declare(closed)
    expect(await ask(alpha, source)).toEqual({
      data: { mine: null, plain: null },
      errors: [['mine', 'SYSTEM_NOT_OPEN']],
    })
    expect(calls()).toBe(1)
  })

  test('lets nothing out that was cached before a closing, after the next opening', async () => {
    const { resolve } = counted()
    const { ask, recovery } = await startSmallGateway({ Query: { mine: resolve } })
    await ask(alpha, '{ mine { value } }')
    recovery.declare(closed)
    recovery.declare(declaredState())
    expect(await ask(alpha, '{ mine { value } }')).toMatchObject({ data: { mine: { value: '2' } } })
  })

  test('keeps what the first wave has put into the cache from the second', async () => {
    const { resolve } = counted()
    const { ask, recovery } = await startSmallGateway({ Query: { catalogue: resolve } })
    recovery.declare(declaredState({ PARTS_LOGISTICS: { lifecycle: 'LIMITED_OPEN', waves: [1] } }))
    expect(await ask(alpha, '{ catalogue { value } }')).toMatchObject({ data: { catalogue: { value: '1' } } })
    expect(await ask(beta, '{ catalogue { value } }')).toEqual({
      data: { catalogue: null },
      errors: [['catalogue', 'SYSTEM_NOT_OPEN']],
    })
  })

  test('is asked again when the answer is there, so a closing overtakes what is on its way', async () => {
    const gateway = await startSmallGateway({
      Query: {
        mine: async () => {
          gateway.recovery.declare(closed)
          return { id: 'r', value: 'too late' }
        },
      },
    })
    expect(await gateway.ask(alpha, '{ mine { value } }')).toEqual({
      data: { mine: null },
      errors: [['mine', 'SYSTEM_NOT_OPEN']],
    })
  })

  test('lets a request see a system in one epoch only, and nothing of the old one into the cache of the new', async () => {
    let isReopening = true
    const given: string[] = []
    const gateway = await startSmallGateway({
      Query: { catalogue: () => ({ id: 'r' }) },
      Thing: {
        // Between the record and its field the system closes and opens again.
        value: () => {
          if (isReopening) gateway.recovery.declare(closed)
          if (isReopening) gateway.recovery.declare(declaredState())
          return 'v'
        },
        stock: () => {
          given.push(isReopening ? 'of the old epoch' : 'of the new epoch')
          return given.at(-1)
        },
      },
    })
    const source = '{ catalogue { value stock } }'
    expect(await gateway.ask(alpha, source)).toMatchObject({
      data: { catalogue: null },
      errors: [['catalogue', 'SYSTEM_UNAVAILABLE']],
    })
    isReopening = false
    expect(await gateway.ask(alpha, source)).toMatchObject({
      data: { catalogue: { stock: 'of the new epoch' } },
      errors: [],
    })
    expect(given).toEqual(['of the new epoch'])
  })
})

describe('a resolver', () => {
  test('sees of the viewer what its field declares, and nothing else', async () => {
    const seen: Record<string, unknown>[] = []
    const look: Resolve = (_self, _args, { facts }) => {
      const tried = ['owner', 'viewer', 'sites', 'roles', 'wave'].map(name => {
        try {
          return [name, Reflect.get(facts, name)]
        } catch {
          return [name, 'hidden']
        }
      })
      seen.push(Object.fromEntries(tried))
      return null
    }
    const { ask } = await startSmallGateway({
      Query: { catalogue: look, mine: look, fresh: look, status: look, plain: look },
    })
    for (const field of ['catalogue { id }', 'mine { id }', 'fresh { id }', 'status', 'plain'])
      await ask(alpha, `{ ${field} }`)
    const hidden = { owner: 'hidden', viewer: 'hidden', sites: 'hidden', roles: 'hidden', wave: 'hidden' }
    expect(seen).toEqual([
      hidden,
      { ...hidden, owner: ALPHA, viewer: alpha },
      { ...hidden, sites: alpha.partner.sites },
      { ...hidden, roles: alpha.partner.roles },
      hidden,
    ])
  })

  test('sees what an argument adds only where the argument is given', async () => {
    const owner: Resolve = (_self, _args, { facts }) => ({ id: 'r', value: facts.owner })
    const { ask } = await startSmallGateway({ Query: { catalogue: owner } })
    expect(await ask(alpha, '{ catalogue(site: "s") { value } }')).toMatchObject({
      data: { catalogue: { value: ALPHA } },
    })
    for (const source of ['{ catalogue { value } }', '{ catalogue(site: null) { value } }'])
      expect((await ask(alpha, source)).errors).toEqual([['catalogue', expect.stringContaining('depends on PARTNER')]])
  })

  test("reads its own field's system, and no other: the cache key names no other's epoch", async () => {
    const systems = {
      lookup: async (_v: unknown, _r: unknown, _c: unknown, keys: readonly unknown[]) =>
        keys.map(() => [{ id: 'r', value: 'read' }]),
    }
    const reads = () => createReads(systems as unknown as Systems, alpha, systemClock)
    const own: Resolve = (_self, _args, context) => context.reads.one(part, ['A'], {})
    const other: Resolve = (_self, _args, context) =>
      context.reads.one(supplierInvoice, ['1', '2', '3'], { owner: ALPHA })
    const gateway = await startSmallGateway({ Query: { catalogue: own, fresh: other, status: own, plain: other } })
    expect(await gateway.ask(alpha, '{ catalogue { value } }', reads())).toMatchObject({
      data: { catalogue: { value: 'read' } },
      errors: [],
    })
    for (const field of ['fresh { id }', 'status', 'plain'])
      expect((await gateway.ask(alpha, `{ ${field} }`, reads())).errors).toEqual([
        [field.split(' ')[0], expect.stringMatching(/as its @source$/)],
      ])
  })

  test('gives what nobody can change afterwards', async () => {
    let given: unknown
    const gateway = await startSmallGateway({
      Query: { mine: () => ({ id: 'r', inner: { id: 'i', value: 'v' } }) },
      Thing: {
        inner: (self: { readonly inner: unknown }) => {
          given = self.inner
          return self.inner
        },
      },
    })
    await gateway.ask(alpha, '{ mine { inner { value } } }')
    expect(Object.isFrozen(given)).toBe(true)
  })
})

describe('what subscribes to events', () => {
  const SDL = `
    type Query { a: Int }
    type Subscription { changed: Int @requiresScopes(scopes: [["x"]]) @partition(by: [ROLE]) }
  `

  test('sees of the viewer what its field declares, and reads nothing', async () => {
    const schema = schemaOf(SDL)
    const field = schema.getSubscriptionType()?.getFields().changed
    const seen: unknown[] = []
    Object.assign(field ?? {}, {
      subscribe: (_self: unknown, _args: unknown, { facts, reads }: FieldContext) => {
        seen.push(facts.roles)
        for (const look of [() => facts.wave, () => facts.owner, () => reads.one(part, ['A'], {})])
          expect(look).toThrow(TypeError)
        return (async function* () {})()
      },
    })
    guardFields(
      schema,
      readDeclarations(schema),
      createGate(createDeclaredRecovery(declaredState()), () => {}),
      new Set(),
    )
    const contextValue = createOperationContext(
      createRequestContext('request', alpha, NO_REQUEST_READS, {} as Knowledge),
      0,
    )
    const document = parse('subscription { changed }')
    expect(await createSourceEventStream({ schema, document, contextValue })).not.toHaveProperty('errors')
    expect(seen).toEqual([alpha.partner.roles])
  })

  test('must be there', () => {
    const schema = schemaOf(SDL)
    const gate = createGate(createDeclaredRecovery(declaredState()), () => {})
    expect(() => guardFields(schema, readDeclarations(schema), gate, new Set())).toThrow(
      'Subscription.changed has nothing',
    )
  })
})

describe('the guard refuses at start', () => {
  const guarding = (sdl: string) => {
    const schema = schemaOf(sdl)
    return () =>
      guardFields(
        schema,
        readDeclarations(schema),
        createGate(createDeclaredRecovery(declaredState()), () => {}),
        new Set(),
      )
  }

  test('a field that reads a system and has no resolver: nothing would ask the gate', () =>
    expect(
      guarding('type Query { a: Int @source(system: PARTS_LOGISTICS) @partition @requiresScopes(scopes: [["x"]]) }'),
    ).toThrow('Query.a reads PARTS_LOGISTICS and has no resolver'))
})
