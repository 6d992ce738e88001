import { describe, expect, test } from '@jest/globals'
import type { FieldContext } from '../../src/graphql/context.ts'
import { fieldCacheOptions } from '../../src/graphql/field-cache.ts'
import { readDeclarations } from '../../src/operations/declarations.ts'
import { partnerSchema, schemaOf } from '../operations/planning.ts'

interface FieldPolicy {
  readonly ttl: (record: unknown) => number
  readonly key: (of: { readonly ctx: FieldContext }) => string
  readonly skip: (self: unknown, args: unknown, context: FieldContext) => boolean
}

function policyOf(schema = partnerSchema) {
  const options = fieldCacheOptions({ entries: 10, declarations: readDeclarations(schema), onLookup: () => {} })
  return options.policy as unknown as Readonly<Record<string, Readonly<Record<string, FieldPolicy>>>>
}

describe('the policy of the field cache', () => {
  test('covers exactly the fields that read a system and declare how long they keep', () => {
    const covered = Object.entries(policyOf()).flatMap(([type, fields]) =>
      Object.keys(fields).map(field => `${type}.${field}`),
    )
    const declared = [...readDeclarations(partnerSchema).values()].filter(
      ({ system, maxAgeSeconds }) => system !== null && maxAgeSeconds,
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
    expect([part?.ttl({ id: 'r' }), part?.ttl(null)]).toEqual([3600, 5])
    expect([partAvailability?.ttl([]), partAvailability?.ttl(null)]).toEqual([30, 5])
  })

  test("keeps nothing that the guard gave no key, and everything else under the guard's key alone", () => {
    const at = (cacheKey: string | null) => ({ cacheKey }) as FieldContext
    const { part } = policyOf().Query ?? {}
    expect(part?.skip({}, {}, at(null))).toBe(true)
    expect(part?.skip({}, {}, at('k'))).toBe(false)
    expect(part?.key({ ctx: at('k') })).toBe('k')
  })
})
