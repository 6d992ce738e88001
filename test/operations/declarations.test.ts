import { describe, expect, test } from '@jest/globals'
import { isObjectType } from 'graphql'
import { readDeclarations } from '../../src/operations/declarations.ts'
import { partnerSchema, schemaOf } from './planning.ts'

const declared = readDeclarations(partnerSchema)

describe('the declarations of the partner schema', () => {
  test('cover every field of every object type, and introspection', () => {
    const fields = Object.values(partnerSchema.getTypeMap()).flatMap(type =>
      isObjectType(type) ? Object.keys(type.getFields()).map(field => `${type.name}.${field}`) : [],
    )
    expect([...declared.keys()].toSorted()).toEqual([...fields, 'Query.__schema', 'Query.__type'].toSorted())
  })

  test('say of a field what its directives say', () => {
    expect(declared.get('Query.partAvailability')).toEqual({
      coordinate: 'Query.partAvailability',
      system: 'PARTS_LOGISTICS',
      requirements: [[['parts:read']]],
      partition: ['SITES'],
      argumentPartition: new Map([['shipToBpns', ['PARTNER']]]),
      maxAgeSeconds: 30,
      lastKnownGoodSeconds: 3_600,
      weight: 5,
      listSize: { assumedSize: null, slicingArguments: ['partNumbers'], sizedFields: [] },
    })
    expect(declared.get('Query.supplierInvoices')?.listSize).toEqual({
      assumedSize: null,
      slicingArguments: ['first'],
      sizedFields: ['edges'],
    })
  })

  test('tell "depends on nothing" from "nothing is declared"', () => {
    expect(declared.get('Query.part')?.partition).toEqual([])
    expect(declared.get('Part.description')?.partition).toBeNull()
    expect(declared.get('Query.viewer')?.maxAgeSeconds).toBe(0)
    expect(declared.get('Part.description')?.maxAgeSeconds).toBeNull()
  })

  test('ask a scope of every root field but the viewer', () => {
    const free = [...declared.values()].filter(
      ({ coordinate, requirements }) => coordinate.startsWith('Query.') && requirements.length === 0,
    )
    expect(free.map(({ coordinate }) => coordinate)).toEqual(['Query.viewer'])
  })

  test('put introspection behind a scope of its own', () => {
    for (const field of ['Query.__schema', 'Query.__type'])
      expect(declared.get(field)?.requirements).toEqual([[['schema:read']]])
  })
})

describe('a declaration', () => {
  const only = (sdl: string) => readDeclarations(schemaOf(sdl))

  test('adds the scopes of a type to those of its fields', () => {
    const fields = only(`
      type Query { thing: Thing }
      type Thing @requiresScopes(scopes: [["a"]]) { plain: Int  more: Int @requiresScopes(scopes: [["b", "c"], ["d"]]) }
    `)
    expect(fields.get('Thing.plain')?.requirements).toEqual([[['a']]])
    expect(fields.get('Thing.more')?.requirements).toEqual([[['a']], [['b', 'c'], ['d']]])
  })

  test("has its type's freshness and partition unless it has its own", () => {
    const fields = only(`
      type Query { thing: Thing }
      type Thing @cacheControl(maxAge: 9) @partition(by: [SITES]) {
        plain: Int
        own: Int @cacheControl(maxAge: 3) @partition
      }
    `)
    expect(fields.get('Thing.plain')).toMatchObject({ maxAgeSeconds: 9, partition: ['SITES'] })
    expect(fields.get('Thing.own')).toMatchObject({ maxAgeSeconds: 3, partition: [] })
  })

  test('weighs 1 for an object and 0 for a scalar, in lists as well', () => {
    const fields = only('type Query { a: Int  b: [Int!]!  c: Query  d: [Query!]!  e: Int @cost(weight: "2.5") }')
    const weights = ['a', 'b', 'c', 'd', 'e'].map(name => fields.get(`Query.${name}`)?.weight)
    expect(weights).toEqual([0, 0, 1, 1, 2.5])
  })

  test.each([
    [
      'reads a system and says nothing of its partition',
      'a: Int @source(system: PARTS_LOGISTICS) @requiresScopes(scopes: [["x"]])',
      /no @partition/,
    ],
    ['reads a system for everybody', 'a: Int @source(system: PARTS_LOGISTICS) @partition', /requires no scopes/],
    ['can be asked by nobody', 'a: Int @requiresScopes(scopes: [])', /nobody could ask/],
    ['can be asked by anybody', 'a: Int @requiresScopes(scopes: [["x"], []])', /anybody could ask/],
    ['costs no number', 'a: Int @cost(weight: "much")', /cost/],
    ['costs less than nothing', 'a: Int @cost(weight: "-1")', /cost/],
    ['costs without end', 'a: Int @cost(weight: "Infinity")', /cost/],
  ])('is refused where a field %s', (_what, field, message) =>
    expect(() => only(`type Query { ${field} }`)).toThrow(message),
  )

  test.each([
    [
      'reads a restored system',
      'a: Int @source(system: PARTS_LOGISTICS) @partition @requiresScopes(scopes: [["x"]])',
      /from the gateway's own journal/,
    ],
    ['requires no scopes', 'a: Int @partition', /requires no scopes/],
  ])('is refused where what is pushed %s', (_what, field, message) =>
    expect(() => only(`type Query { b: Int } type Subscription { ${field} }`)).toThrow(message),
  )
})
