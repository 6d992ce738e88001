import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { type FragmentDefinitionNode, type GraphQLUnionType, type OperationDefinitionNode, parse } from 'graphql'
import { loadSchema } from '../../src/graphql/schema.ts'
import { entityLookups, typesTaken } from '../../src/operations/entities.ts'
import { LIMITS, partnerSchema, planning, schemaOf } from './planning.ts'

const subgraph = await loadSchema(fileURLToPath(new URL('../../schema/', import.meta.url)), { isSubgraph: true })
const planOf = planning(subgraph)

const entities = (selection: string) => `query ($r: [_Any!]!) { _entities(representations: $r) { ${selection} } }`
const representations = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ __typename: 'Part', partNumber: `A${at}` }))
const fieldsOf = (source: string) => planOf(source).guarded.map(({ coordinate }) => coordinate)

describe('entities', () => {
  test('are what root fields give, each by the key that is declared of it', () => {
    expect([...entityLookups(subgraph)].map(([type, { coordinate, key }]) => [type, coordinate, key])).toEqual([
      ['Part', 'Query.part', ['partNumber']],
      ['RestoredSystem', 'Query.restoredSystem', ['key']],
      ['SupplierInvoice', 'Query.supplierInvoiceByReference', ['supplierInvoiceReference']],
      ['VehicleBuild', 'Query.vehicleBuild', ['vin']],
      ['VehicleWholesale', 'Query.vehicleWholesale', ['vin']],
    ])
  })

  test('are none where the schema is no subgraph', () => {
    expect(entityLookups(partnerSchema).size).toBe(0)
    expect(Object.keys(partnerSchema.getQueryType()?.getFields() ?? {}).filter(name => name.startsWith('_'))).toEqual(
      [],
    )
  })

  test.each([
    ['no root field takes', 'type Query { one(other: ID): Thing }', /asked for by id, which 0 root fields take/],
    ['two root fields take', 'type Query { one(id: ID): Thing two(id: ID): Thing }', /which 2 root fields take/],
    ['a list takes', 'type Query { all(id: ID): [Thing] }', /which 0 root fields take/],
  ])('are refused with a key that %s', (_, query, message) => {
    const schema = schemaOf(`
      directive @key(fields: String!, resolvable: Boolean = true) repeatable on OBJECT
      type Thing @key(fields: "id") { id: ID }
      union _Entity = Thing
      ${query}
    `)
    expect(() => entityLookups(schema)).toThrow(message)
  })
})

describe('the plan of an operation on entities', () => {
  test('needs, reads and depends on what the same questions would, and on nothing of types that are not selected', () => {
    const parts = planOf(entities('... on Part { description }'))
    expect(parts.guarded.map(({ coordinate }) => coordinate)).toEqual(['Query.part'])
    expect([...parts.systems]).toEqual(['PARTS_LOGISTICS'])
    expect([...parts.partition]).toEqual([])
    expect(parts.maxAgeSeconds).toBe(3_600)
    expect(parts.readsRestart).toBe(false)
    const both = planOf(entities('... on Part { description } ... on SupplierInvoice { status }'))
    expect(both.guarded.map(({ coordinate }) => coordinate)).toEqual(['Query.part', 'Query.supplierInvoiceByReference'])
    expect([...both.systems].toSorted()).toEqual(['PARTS_LOGISTICS', 'WHOLESALE_FINANCE'])
    expect([...both.systemsUnder]).toEqual([['_entities', new Set(['PARTS_LOGISTICS', 'WHOLESALE_FINANCE'])]])
    expect([...both.partition]).toEqual(['PARTNER'])
    expect(both.maxAgeSeconds).toBe(15)
  })

  test('is in all that is declared that of the root fields, whatever types are selected together', () => {
    const asked = [
      ['Part', 'part(partNumber: "A1")', '{ supersession { chain } }'],
      ['RestoredSystem', 'restoredSystem(key: PARTS_LOGISTICS)', '{ answersViewer suspension { cause } }'],
      ['SupplierInvoice', 'supplierInvoiceByReference(supplierInvoiceReference: "1")', '{ lines { line } }'],
      ['VehicleBuild', 'vehicleBuild(vin: "SALVA2AE4EH877322")', '{ site { name } }'],
      ['VehicleWholesale', 'vehicleWholesale(vin: "SALVA2AE4EH877322")', '{ funding { status } }'],
    ] as const
    for (let subset = 1; subset < 2 ** asked.length; subset++) {
      const some = asked.filter((_, at) => subset & (1 << at))
      const plan = planOf(entities(some.map(([type, , selection]) => `... on ${type} ${selection}`).join(' ')))
      const own = planOf(`{ ${some.map(([, root, selection]) => `${root} ${selection}`).join(' ')} }`)
      const declared = ({ guarded, systems, partition, maxAgeSeconds, readsRestart }: typeof plan) => ({
        guarded: guarded.map(({ coordinate }) => coordinate).toSorted(),
        systems,
        partition,
        maxAgeSeconds,
        readsRestart,
      })
      expect(declared(plan)).toEqual(declared(own))
    }
  })

  test("tells of the restart where the gateway's own state is selected", () => {
    const plan = planOf(entities('... on RestoredSystem { lifecycle }'))
    expect([plan.readsRestart, plan.maxAgeSeconds, [...plan.systems]]).toEqual([true, 5, []])
    expect([...plan.partition].toSorted()).toEqual(['ROLE', 'WAVE'])
  })

  test.each([
    ['its name alone', '... on SupplierInvoice { __typename }', ['Query.supplierInvoiceByReference']],
    ['a fragment', '...F } } fragment F on _Entity { ... on Part { id } ... { __typename', ['Query.part']],
    [
      'fragments within fragments',
      '...F } } fragment F on _Entity { ...G } fragment G on Part { ... { id',
      ['Query.part'],
    ],
    ['an inline fragment without a type', '... { ... @skip(if: true) { ... on Part { id } } }', ['Query.part']],
    ['an interface within its type', '... on Part { ... on Node { id } }', ['Query.part']],
    ['its name alone, in an interface within it', '... on Part { ... on Node { __typename } }', ['Query.part']],
    [
      'the same in a fragment',
      '... on Part { ...F } } } fragment F on Node { ... on _Entity { __typename',
      ['Query.part'],
    ],
    ['a type within an interface', '... on Node { __typename ... on Part { id } }', ['Query.part']],
    [
      'an interface, which is of all',
      '... on Node { id }',
      [
        'Query.part',
        'Query.restoredSystem',
        'Query.supplierInvoiceByReference',
        'Query.vehicleBuild',
        'Query.vehicleWholesale',
      ],
    ],
  ])('finds a type by %s', (_, selection, expected) => {
    expect(fieldsOf(entities(selection)).toSorted()).toEqual(expected)
  })

  test.each(['__typename', '... on Node { __typename }', '...F } } fragment F on Node { ... on _Entity { __typename'])(
    'takes nothing of the name of whatever comes: %s',
    selection => {
      const plan = planOf(entities(selection))
      expect([plan.guarded, [...(plan.entitiesUnder.get('_entities') ?? [])]]).toEqual([[], []])
    },
  )

  test('finds it in a spread whose fragment was met before, where it was under no name', () => {
    const schema = schemaOf('type Query { thing: Thing } type Thing { id: ID } union _Entity = Thing')
    const { definitions } = parse('{ ...F ... on Thing { ...F } } fragment F on _Entity { __typename }')
    const [operation, fragment] = definitions as [OperationDefinitionNode, FragmentDefinitionNode]
    const union = schema.getType('_Entity') as GraphQLUnionType
    const taken = typesTaken(schema, union, operation.selectionSet, new Map([['F', fragment]]))
    expect([...taken]).toEqual(['Thing'])
  })

  test('says under each alias which types may come there', () => {
    const plan = planOf(`query ($r: [_Any!]!) {
      a: _entities(representations: $r) { ... on Part { id } }
      b: _entities(representations: $r) { ... on VehicleWholesale { id } }
    }`)
    expect([...plan.entitiesUnder]).toEqual([
      ['a', new Set(['Part'])],
      ['b', new Set(['VehicleWholesale'])],
    ])
  })

  test('costs as much as that many questions, and is bounded as they are', () => {
    const plan = planOf(entities('... on Part { description supersession { kind } }'))
    const one = planOf('{ part(partNumber: "A1") { description supersession { kind } } }').costOf({})
    const own = plan.costOf({ r: representations(1) }) - one
    expect(own).toBe(1)
    expect(plan.costOf({ r: representations(40) })).toBe(own + 40 * one)
    expect(() => plan.costOf({ r: representations(LIMITS.maxListKeys + 1) })).toThrow('takes 1 to 500 values')
  })
})
