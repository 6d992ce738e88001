import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseManifest } from '../../src/operations/manifests/manifest.ts'
import { readManifests } from '../../src/operations/manifests/read-manifests.ts'
import { topLevelNames } from '../../src/operations/manifests/top-level-names.ts'

const STOCK = 'query Stock { stock }'
const OWED = 'query Owed {\n  owed # of "all"\n}\n'
const apollo = (...operations: readonly unknown[]) =>
  JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations })
const parse = (text: string) => parseManifest(text, 'm.json')

describe('the entries of a manifest are read', () => {
  test('in the format of Apollo', () => {
    const text = apollo(
      { id: 'a'.repeat(64), name: 'Stock', type: 'query', body: STOCK },
      { id: 'b', name: 'Owed', type: 'query', body: OWED, clientName: 'portal' },
    )
    expect(parse(text)).toEqual([
      { id: 'a'.repeat(64), text: STOCK, place: 'operations[0]' },
      { id: 'b', text: OWED, place: 'operations[1]' },
    ])
  })

  test('in the format that Relay and GraphQL Code Generator share', () => {
    expect(
      parse(JSON.stringify({ '3be4abb81fa595e25eb725b2c6a87508': STOCK, [`sha256:${'b'.repeat(64)}`]: OWED }, null, 2)),
    ).toEqual([
      { id: '3be4abb81fa595e25eb725b2c6a87508', text: STOCK, place: '3be4abb81fa595e25eb725b2c6a87508' },
      { id: `sha256:${'b'.repeat(64)}`, text: OWED, place: `${JSON.stringify(`sha256:${'b'.repeat(64)}`)}` },
    ])
  })

  test('by what is in the file: a document under the id "operations" makes no manifest of Apollo', () => {
    expect(parse(JSON.stringify({ operations: STOCK, format: OWED })).map(({ id }) => id)).toEqual([
      'operations',
      'format',
    ])
  })
})

describe('refused with the file, the place and a remedy is', () => {
  test.each([
    ['what is not JSON', '{ "a": ', /^m\.json: is not JSON; generate the manifest again$/],
    [
      'what is neither format',
      '["query"]',
      /^m\.json: is no manifest; must be Apollo's .* or a map from ids to documents$/,
    ],
    ['null', 'null', /^m\.json: is no manifest;/],
    ['a map without documents', '{}', /^m\.json: has no document;/],
    ['one of Apollo without documents', apollo(), /^m\.json: has no document;/],
    ['a map of something else', '{ "a": { "b": 1 } }', /^m\.json: a: is no document; must be the text of one$/],
    [
      'another format',
      '{"format":"x","version":1,"operations":[]}',
      /^m\.json: format: is "x"; must be apollo-persisted-/,
    ],
    [
      'another version',
      '{"format":"apollo-persisted-query-manifest","version":2,"operations":[]}',
      /^m\.json: version: is 2; must be 1$/,
    ],
    ['an entry without text', apollo({ id: 'a' }), /^m\.json: operations\[0\]\.body: is missing; must be text$/],
    ['an empty document', JSON.stringify({ a: ' \n' }), /^m\.json: a: its document is empty;/],
    ['an empty id', JSON.stringify({ '': STOCK }), /^m\.json: "": its id must be 1 to 200 characters/],
    [
      'an id of 201 characters',
      apollo({ id: 'a'.repeat(201), body: STOCK }),
      /operations\[0\]: its id must be 1 to 200 characters/,
    ],
    ['an id with a line break', apollo({ id: 'a\nb', body: STOCK }), /without spaces and control characters$/],
    [
      'an id that stands there twice',
      `{"a":${JSON.stringify(STOCK)},"a":${JSON.stringify(OWED)}}`,
      /^m\.json: a: stands there twice;/,
    ],
    [
      'one that is hidden by another',
      `{"a":["x"],"\\u0061":${JSON.stringify(OWED)}}`,
      /^m\.json: a: stands there twice;/,
    ],
  ])('%s', (_what, text, problem) => {
    expect(() => parse(text)).toThrow(problem)
  })

  test('more than 10,000 documents', () => {
    const many = Object.fromEntries(Array.from({ length: 10_001 }, (_, index) => [`d${index}`, STOCK]))
    expect(() => parse(JSON.stringify(many))).toThrow(/^m\.json: has 10001 documents; must have at most 10000/)
    delete many.d0
    expect(parse(JSON.stringify(many))).toHaveLength(10_000)
  })

  test('each problem of a file, on a line of its own', () => {
    expect(() => parse('{"a":1,"b":2}')).toThrow(/^m\.json: a: .*\nm\.json: b: .*$/)
  })
})

test('the names of an object are those that JSON has, in any JSON', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(undefined, 1), (value, space) => {
      const json = JSON.stringify(value, null, space)
      expect(topLevelNames(json)).toEqual(Object.keys(JSON.parse(json)))
    }),
  )
})

describe('files', () => {
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-manifests-'))
  })
  afterAll(() => rm(directory, { recursive: true, force: true }))
  async function file(name: string, content: string | Uint8Array) {
    await writeFile(join(directory, name), content)
    return join(directory, name)
  }

  test('are read in their order, each with whom it is for', async () => {
    const a = await file('a.json', JSON.stringify({ a: STOCK }))
    const b = await file('b.json', `\uFEFF${apollo({ id: 'b', body: OWED })}`)
    expect(await readManifests([{ file: a }, { file: b, partners: ['BPNL00000000000A'] }])).toEqual([
      { file: a, partners: null, entries: [{ id: 'a', text: STOCK, place: 'a' }] },
      { file: b, partners: ['BPNL00000000000A'], entries: [{ id: 'b', text: OWED, place: 'operations[0]' }] },
    ])
  })

  test('that cannot be used are told all at once', async () => {
    const large = await file('large.json', new Uint8Array(16_777_217))
    const bytes = await file('bytes.json', Uint8Array.of(0x22, 0xff, 0x22))
    const missing = join(directory, 'missing.json')
    const files = [missing, directory, large, bytes].map(name => ({ file: name }))
    await expect(readManifests(files)).rejects.toMatchObject({
      name: 'ConfigError',
      problems: [
        `${missing}: cannot be read: there is no such file`,
        `${directory}: is not a file; must be a JSON file`,
        `${large}: has 16777217 bytes; must have at most 16777216: split it by partner`,
        `${bytes}: is not UTF-8; generate the manifest again`,
      ],
    })
  })
})
