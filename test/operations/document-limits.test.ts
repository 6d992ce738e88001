import { describe, expect, test } from '@jest/globals'
import { parse } from 'graphql'
import { assertWithinLimits, type DocumentLimits } from '../../src/operations/document-limits.ts'
import { doublingFragments, refusalOf } from './planning.ts'

const NO_LIMITS: DocumentLimits = {
  maxTokens: Infinity,
  maxLength: Infinity,
  maxDepth: Infinity,
  maxAliases: Infinity,
  maxRootFields: Infinity,
  maxDirectives: Infinity,
}
const within = (source: string, limits: Partial<DocumentLimits>) => () =>
  assertWithinLimits(source, parse(source), { ...NO_LIMITS, ...limits })

const cases: readonly [what: string, source: string, limit: keyof DocumentLimits, found: number][] = [
  ['characters, whatever they stand for', '{ a } # b', 'maxLength', 9],
  ['levels of fields', '{ a { b { c } } }', 'maxDepth', 3],
  ['levels through inline fragments, which are none', '{ a { ... { ... on T { b } } } }', 'maxDepth', 2],
  ['levels through a fragment', '{ a { ...F } } fragment F on T { b { c } }', 'maxDepth', 3],
  [
    'levels through a fragment in a fragment',
    '{ ...F } fragment F on T { b { ...G } } fragment G on T { c { d } }',
    'maxDepth',
    3,
  ],
  [
    'levels through a fragment met twice at different depths',
    '{ ...F a { b { ...F } } } fragment F on T { c }',
    'maxDepth',
    3,
  ],
  ['levels of the deepest operation', 'query A { a } query B { a { b } }', 'maxDepth', 2],
  ['aliases', '{ x: a y: b c }', 'maxAliases', 2],
  ['aliases in fragments and below', '{ x: a { ...F } } fragment F on T { y: b { z: c } }', 'maxAliases', 3],
  ['fields at the root', '{ a b c { d e f } }', 'maxRootFields', 3],
  ['fields at the root, aliased', '{ x: a y: a z: a }', 'maxRootFields', 3],
  [
    'fields at the root through fragments',
    '{ a ...F ...F ... on T { b } } fragment F on T { c d }',
    'maxRootFields',
    6,
  ],
  ['directives', 'query @a { x @b(if: true) @c ... @d { y } }', 'maxDirectives', 4],
  [
    'directives on variables and fragments',
    'query ($v: Int @a) { ...F @b } fragment F on T @c { x }',
    'maxDirectives',
    3,
  ],
]

describe.each(cases)('%s', (_what, source, limit, found) => {
  test('are allowed up to the limit', () => expect(within(source, { [limit]: found })).not.toThrow())

  test('are refused one above it, with both figures', () =>
    expect(refusalOf(within(source, { [limit]: found - 1 }))).toMatchObject({
      code: 'DOCUMENT_LIMIT',
      httpStatus: 400,
      details: { limit: found - 1, found },
    }))
})

describe('a document that is not valid', () => {
  test.each([
    ['a fragment inside itself', '{ ...F } fragment F on T { a ...F }'],
    ['fragments inside each other', '{ ...F } fragment F on T { a { ...G } } fragment G on T { b { ...F } }'],
    ['a fragment that does not exist', '{ a ...Nothing }'],
    ['fragments of one name', '{ ...F } fragment F on T { a } fragment F on T { b }'],
    ['no operation', 'fragment F on T { a }'],
  ])('with %s is measured all the same, and left to validation', (_what, source) =>
    expect(within(source, { maxDepth: 10, maxRootFields: 10 })).not.toThrow(),
  )
})

test('fragments that double at every level are measured in a moment', () => {
  const started = performance.now()
  const source = `{ a { ...F0 } } ${doublingFragments(200, 'T', 'b')}`
  expect(within(source, { maxDepth: 2, maxRootFields: 1 })).not.toThrow()
  expect(refusalOf(within(`{ ...F0 } ${doublingFragments(200, 'T', 'b')}`, { maxRootFields: 20 })).code).toBe(
    'DOCUMENT_LIMIT',
  )
  expect(performance.now() - started).toBeLessThan(2_000)
})

test('a document as deep as its tokens allow does not overflow the stack', () => {
  const levels = 990
  const source = `${'{a'.repeat(levels)}${'}'.repeat(levels)}`
  expect(refusalOf(within(source, { maxDepth: 16 })).details).toEqual({ limit: 16, found: levels })
})
