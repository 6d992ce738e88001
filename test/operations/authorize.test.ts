import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Viewer } from '../../src/model/viewer.ts'
import { authorize } from '../../src/operations/authorize.ts'
import { planning, refusalOf, schemaOf } from './planning.ts'

const viewerWith = (...scopes: string[]): Viewer => ({
  partner: { bpnl: 'BPNL0000000ALPHA', name: 'Alpha', roles: [], sites: [], wave: 1 },
  clientId: 'alpha',
  scopes: new Set(scopes),
  epoch: '1',
  operationCostLimit: 1,
  costPerMinute: 1,
})

const planOf = planning()
const guardedBy = planning(
  schemaOf(`
    type Query {
      free: Int
      both: Int @requiresScopes(scopes: [["a", "b"]])
      either: Int @requiresScopes(scopes: [["a", "b"], ["c"]])
      thing: Thing @requiresScopes(scopes: [["a"]])
    }
    type Thing @requiresScopes(scopes: [["t"]]) { plain: Int  secret: Int @requiresScopes(scopes: [["s"]]) }
  `),
)

describe('a viewer', () => {
  test.each([
    ['{ free }', []],
    ['{ both }', ['a', 'b']],
    ['{ either }', ['a', 'b']],
    ['{ either }', ['c']],
    ['{ either both }', ['a', 'b', 'z']],
    ['{ thing { plain } }', ['a', 't']],
    ['{ thing { secret } }', ['a', 's', 't']],
  ])('may ask %s with %j', (source, scopes) =>
    expect(() => authorize(guardedBy(source), viewerWith(...scopes))).not.toThrow(),
  )

  test.each<[string, string[], object[]]>([
    ['{ both }', ['a'], [{ field: 'Query.both', missingScopes: ['b'] }]],
    ['{ both }', ['c'], [{ field: 'Query.both', missingScopes: ['a', 'b'] }]],
    ['{ either }', [], [{ field: 'Query.either', missingScopes: ['c'] }]],
    ['{ either }', ['A', 'a b'], [{ field: 'Query.either', missingScopes: ['c'] }]],
    ['{ thing { plain } }', ['a'], [{ field: 'Thing.plain', missingScopes: ['t'] }]],
    [
      '{ thing { secret } }',
      [],
      [
        { field: 'Query.thing', missingScopes: ['a'] },
        { field: 'Thing.secret', missingScopes: ['t', 's'] },
      ],
    ],
  ])('may not ask %s with %j, and is told fields and scopes', (source, scopes, fields) =>
    expect(refusalOf(() => authorize(guardedBy(source), viewerWith(...scopes)))).toMatchObject({
      code: 'FORBIDDEN',
      httpStatus: 403,
      details: { fields },
    }),
  )

  test('is told nothing of the fields that it may ask, nor of the scopes that it holds', () => {
    const { message, details } = refusalOf(() =>
      authorize(guardedBy('{ either thing { secret } }'), viewerWith('a', 'b', 's')),
    )
    expect(message).toBe('You do not hold the scopes for this operation: Thing.secret needs t.')
    expect(details).toEqual({ fields: [{ field: 'Thing.secret', missingScopes: ['t'] }] })
  })

  test('is refused what stands behind a fragment, an alias or a condition', () => {
    for (const source of [
      '{ ...F } fragment F on Query { ... { x: both } }',
      '{ both @skip(if: true) }',
      'query ($x: Boolean!) { free ... @include(if: $x) { both } }',
    ])
      expect(refusalOf(() => authorize(guardedBy(source), viewerWith())).code).toBe('FORBIDDEN')
  })

  test('is refused nothing of what another operation of the document asks', () => {
    const source = 'query Mine { free } query Theirs { both }'
    expect(() => authorize(guardedBy(source, 'Mine'), viewerWith())).not.toThrow()
    expect(refusalOf(() => authorize(guardedBy(source, 'Theirs'), viewerWith())).code).toBe('FORBIDDEN')
  })

  test('never loses by holding more scopes', () => {
    const documents = ['{ both }', '{ either }', '{ thing { plain } }', '{ thing { secret } either }', '{ free both }']
    const scopes = fc.subarray(['a', 'b', 'c', 's', 't', 'z'])
    const isAllowed = (source: string, held: readonly string[]) => {
      try {
        authorize(guardedBy(source), viewerWith(...held))
        return true
      } catch {
        return false
      }
    }
    fc.assert(
      fc.property(fc.constantFrom(...documents), scopes, scopes, (source, held, more) => {
        if (isAllowed(source, held)) expect(isAllowed(source, [...held, ...more])).toBe(true)
      }),
    )
  })
})

describe('introspection', () => {
  test.each([
    '{ __schema { queryType { name } } }',
    '{ __type(name: "Part") { name } }',
    '{ x: __schema { queryType { name } } }',
    '{ ...F } fragment F on Query { ... on Query { y: __type(name: "Part") { name } } }',
    '{ viewer { scopes } ... { ... { __schema { queryType { name } } } } }',
    '{ __schema @skip(if: true) { queryType { name } } }',
  ])('needs schema:read: %s', source => {
    const plan = planOf(source)
    expect(refusalOf(() => authorize(plan, viewerWith('parts:read', 'restart:read')))).toMatchObject({
      code: 'FORBIDDEN',
      details: {
        fields: [{ field: expect.stringMatching(/^Query\.__(schema|type)$/), missingScopes: ['schema:read'] }],
      },
    })
    expect(() => authorize(plan, viewerWith('schema:read'))).not.toThrow()
  })

  test("of the type's own name needs nothing: a client knows what it asked", () =>
    expect(() => authorize(planOf('{ __typename viewer { __typename } }'), viewerWith())).not.toThrow())
})
