import { describe, expect, test } from '@jest/globals'
import { parse } from 'graphql'
import { documentIdOf } from '../../src/operations/planner.ts'
import { createQuestionReader } from '../../src/responses/reading.ts'
import { plannerOf } from '../operations/planning.ts'
import { ask, SCHEMA, viewerWith } from './asking.ts'

const PART = 'query ($n: String) { part(number: $n) }'
const SEVERAL = 'query One { part } query Two { invoices }'
const planner = plannerOf(SCHEMA)
for (const [source, operationName] of [
  [PART, undefined],
  [SEVERAL, 'Two'],
] as const)
  planner.register(planner.planFor({ source, document: parse(source), operationName }))
const PRIVATE = '{ invoices }'
planner.planFor({ source: PRIVATE, document: parse(PRIVATE), operationName: undefined })

const TRUSTED = new Map([['part-by-number', PART]])
const { questionIn, withText } = createQuestionReader({ planner, textOf: id => TRUSTED.get(id) ?? null })
const read = (parameters: Readonly<Record<string, unknown>>) => questionIn(parameters, viewerWith())
const persisted = (sha256Hash: unknown, rest = {}) => ({ persistedQuery: { version: 1, sha256Hash, ...rest } })

/** As Apollo Client 4 sends it with every request. */
const CLIENT = { clientLibrary: { name: '@apollo/client', version: '4.0.0' } }

describe('a question whose document is known', () => {
  const expected = ask(PART, { n: '1' }).key

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['its text', { query: PART }],
    ['its text, and members that say nothing', { query: PART, operationName: null, extensions: null, id: null }],
    ['the hash of its text', { extensions: persisted(documentIdOf(PART)) }],
    ['its text, beside the name of the client', { query: PART, extensions: CLIENT }],
    [
      'the hash of its text, beside the name of the client',
      { extensions: { ...persisted(documentIdOf(PART)), ...CLIENT } },
    ],
    ['the id of a trusted document', { documentId: 'part-by-number' }],
    ["Relay's id", { doc_id: 'part-by-number' }],
    ['the id of a trusted document where a hash stands', { extensions: persisted('part-by-number') }],
  ])('is read by %s', (_, parameters) => {
    expect(read({ ...parameters, variables: { n: '1' } })?.key).toBe(expected)
  })

  test('is the one of its operation and its variables', () => {
    expect(read({ query: PART })?.key).not.toBe(expected)
    expect(read({ query: SEVERAL, operationName: 'Two' })?.plan.operationName).toBe('Two')
  })
})

describe('the protocol has to read', () => {
  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['a document that is new', { query: '{ part }' }],
    ['another operation of a known document', { query: SEVERAL, operationName: 'One' }],
    ['a document that is registered', { query: PART, extensions: persisted(documentIdOf(PART)) }],
    ['a hash that is unknown', { extensions: persisted('0'.repeat(64)) }],
    ['the hash of a text that was asked and never registered', { extensions: persisted(documentIdOf(PRIVATE)) }],
    ['a hash that is none', { extensions: persisted(1) }],
    [
      'another version of persisted queries',
      { extensions: { persistedQuery: { version: 2, sha256Hash: documentIdOf(PART) } } },
    ],
    ['an extension that is not known', { query: PART, extensions: { tracing: true } }],
    ['a hash beside another extension', { extensions: { ...persisted(documentIdOf(PART)), tracing: true } }],
    ['a member that is not known', { query: PART, batch: 1 }],
    ['variables that are a list', { query: PART, variables: [1] }],
    ['variables that are text', { query: PART, variables: '{}' }],
    ['variables of another type', { query: PART, variables: { n: { a: 1 } } }],
    ['a name that is a number', { query: PART, operationName: 1 }],
    ['a query that is a list', { query: [PART] }],
    ['nothing at all', {}],
  ])('%s', (_, parameters) => {
    expect(read(parameters)).toBeNull()
  })
})

describe('the text of a trusted document', () => {
  test('takes the place of its id, and the rest stays', () => {
    const rest = { variables: { n: '1' }, operationName: null }
    expect(withText({ documentId: 'part-by-number', ...rest }, viewerWith())).toEqual({ query: PART, ...rest })
    expect(withText({ extensions: persisted('part-by-number') }, viewerWith())).toEqual({ query: PART })
  })

  test('is not laid over what is asked already, nor over what is no id', () => {
    for (const parameters of [{ query: 'x', documentId: 'part-by-number' }, { documentId: 'other' }, { documentId: 1 }])
      expect(withText(parameters, viewerWith())).toBe(parameters)
  })
})
