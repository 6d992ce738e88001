import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { pageOf, resultOf } from '../../../src/connectors/odata/answer.ts'
import { createCodeTable, readCodeFile } from '../../../src/connectors/odata/codes.ts'
import { cellOf, columnValue, type Property } from '../../../src/connectors/odata/edm.ts'
import { literalOf } from '../../../src/connectors/odata/literal.ts'
import { parseMetadata } from '../../../src/connectors/odata/metadata.ts'
import { date, integer, money, optional, text, timestamp } from '../../../src/systems/columns.ts'

const property = (type: string, facets: Partial<Property> = {}): Property => ({
  name: 'Field',
  type,
  maxLength: null,
  precision: null,
  scale: null,
  ...facets,
})

test.each([
  ['Edm.String', "O'Neil", "'O''Neil'", "'O''Neil'"],
  ['Edm.Decimal', '12.50', '12.50M', '12.50'],
  ['Edm.Int64', 5, '5L', '5'],
  ['Edm.Int32', -5, '-5', '-5'],
  ['Edm.Boolean', true, 'true', 'true'],
  [
    'Edm.Guid',
    '0050568d-393c-1ed4-9d97-e65f0f3fcc23',
    "guid'0050568d-393c-1ed4-9d97-e65f0f3fcc23'",
    '0050568d-393c-1ed4-9d97-e65f0f3fcc23',
  ],
  [
    'Edm.DateTimeOffset',
    '2025-10-08T05:30:00.120Z',
    "datetimeoffset'2025-10-08T05:30:00.120Z'",
    '2025-10-08T05:30:00.120Z',
  ],
  ['Edm.DateTimeOffset', '2025-10-08T05:30:00.000Z', "datetimeoffset'2025-10-08T05:30:00Z'", '2025-10-08T05:30:00Z'],
])('%s %s is %s in V2 and %s in V4', (type, value, v2, v4) => {
  expect(literalOf('V2', property(type), value)).toBe(v2)
  expect(literalOf('V4', property(type), value)).toBe(v4)
})

test('a day is a time without a zone in V2, and a date in V4', () => {
  expect(literalOf('V2', property('Edm.DateTime'), '2025-10-08')).toBe("datetime'2025-10-08T00:00:00'")
  expect(literalOf('V4', property('Edm.Date'), '2025-10-08')).toBe('2025-10-08')
})

test.each([
  ['Edm.String', 'longer', { maxLength: 5 }],
  ['Edm.Decimal', '1.005', { scale: 2 }],
  ['Edm.Decimal', '1e5', {}],
  ['Edm.Int32', '1.5', {}],
  ['Edm.Guid', "x' or 1 eq 1", {}],
  ['Edm.DateTime', "2025-10-08' or true", {}],
  ['Edm.Boolean', 'X', {}],
  ['Edm.Binary', 'x', {}],
])('nothing of type %s equals %s', (type, value, facets) => {
  expect(literalOf('V2', property(type, facets), value)).toBeNull()
})

test('no text gets out of its quotes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), value => {
      const literal = literalOf('V4', property('Edm.String'), value) ?? ''
      expect(literal).toMatch(/^'([^']|'')*'$/s)
      expect(literal.slice(1, -1).replaceAll("''", "'")).toBe(value)
    }),
  )
})

describe('a value from the wire', () => {
  test.each([
    ['Edm.DateTime', '/Date(1719360000000)/', '2024-06-26T00:00:00.000Z'],
    ['Edm.DateTimeOffset', '/Date(1719360000000+0120)/', '2024-06-26T00:00:00.000Z'],
    ['Edm.DateTime', '/Date(-62135596800000)/', null],
    ['Edm.Date', '0000-00-00', null],
    ['Edm.DateTime', '0000-00-00T00:00:00', null],
    ['Edm.DateTime', '/Date(99999999999999999)/', '/Date(99999999999999999)/'],
    ['Edm.String', '', ''],
    ['Edm.String', undefined, null],
    ['Edm.Decimal', '9007199254740993.01', '9007199254740993.01'],
  ])('%s %s is the cell %s', (type, raw, cell) => {
    expect(cellOf(property(type), raw)).toBe(cell)
  })

  test.each([
    [optional(text()), '', null],
    [integer(), '000010', 10],
    [integer(), '1.5', '1.5'],
    [date(), '2025-10-08T00:00:00.000Z', '2025-10-08'],
    [date(), '2025-10-08T00:00:00', '2025-10-08'],
    [date(), '2025-10-08T00:00:00.001Z', '2025-10-08T00:00:00.001Z'],
    [date(), '2025-10-08T08:30:00Z', '2025-10-08T08:30:00Z'],
    [date(), '2025-10-08T00:00:00+02:00', '2025-10-08T00:00:00+02:00'],
    [timestamp(), '2025-10-08T07:30:00+02:00', '2025-10-08T05:30:00.000Z'],
    [timestamp(), '2025-10-08T05:30:00.1230000Z', '2025-10-08T05:30:00.123Z'],
    [timestamp(), '2025-10-08T05:30:00.1234567Z', '2025-10-08T05:30:00.1234567Z'],
    [money(), '12.500', '12.500'],
  ])('in a column of %# the cell %s is %s', (column, cell, value) => {
    expect(columnValue(column, cell)).toBe(value)
  })

  test('keeps every digit, whether it is written as text or as a number', () => {
    const body = '{"value":[{"a":9007199254740993.01,"b":"9007199254740993.01","c":0.10,"d":1E2}]}'
    expect(pageOf('V4', body, 'PARTS_LOGISTICS').entities).toEqual([
      { a: '9007199254740993.01', b: '9007199254740993.01', c: '0.10', d: '1E2' },
    ])
  })
})

test('answers have the shapes of both versions', () => {
  expect(pageOf('V2', '{"d":{"results":[{}],"__next":"n"}}', 'PARTS_LOGISTICS')).toEqual({ entities: [{}], next: 'n' })
  expect(pageOf('V2', '{"d":[{}]}', 'PARTS_LOGISTICS')).toEqual({ entities: [{}], next: null })
  expect(pageOf('V4', '{"value":[],"@odata.nextLink":"n"}', 'PARTS_LOGISTICS')).toEqual({ entities: [], next: 'n' })
  expect(resultOf('V2', '{"d":{"Check":{"a":"1"}}}', 'Check', 'PARTS_LOGISTICS')).toEqual({ a: '1' })
  expect(resultOf('V2', '{"d":{"results":[]}}', 'Check', 'PARTS_LOGISTICS')).toBeNull()
  expect(resultOf('V4', '{"@odata.context":"$metadata","a":"1"}', 'Check', 'PARTS_LOGISTICS')).toMatchObject({ a: '1' })
  expect(() => resultOf('V2', '{"d":{"results":[{},{}]}}', 'Check', 'PARTS_LOGISTICS')).toThrow()
})

describe('$metadata', () => {
  test('with a document type is not read', () => {
    expect(() => parseMetadata('<!DOCTYPE x [<!ENTITY a "b">]><Edmx/>')).toThrow('document type')
  })

  test.each(['', 'no XML', '<html/>', '<Edmx><unclosed></Edmx>'])('%j is none', xml => {
    expect(() => parseMetadata(xml)).toThrow('is not the XML that describes a service')
  })

  test('names inherited properties and keys', () => {
    const schema = `<Edmx><DataServices><Schema Namespace="S"><EntityType Name="Base"><Key><PropertyRef Name="Id"/></Key>
      <Property Name="Id" Type="Edm.String" MaxLength="10"/></EntityType>
      <EntityType Name="Part" BaseType="S.Base"><Property Name="Weight" Type="Edm.Decimal" Precision="5" Scale="variable"/></EntityType>
      <EntityContainer Name="C"><EntitySet Name="Parts" EntityType="S.Part"/></EntityContainer></Schema></DataServices></Edmx>`
    const parts = parseMetadata(schema).entitySets.get('Parts')
    expect(parts?.key).toEqual(['Id'])
    expect(parts?.property('Id')).toMatchObject({ type: 'Edm.String', maxLength: 10 })
    expect(parts?.property('Weight')).toMatchObject({ precision: 5, scale: null })
  })
})

describe('a table of codes', () => {
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'codes-'))
  })
  afterAll(() => rm(directory, { recursive: true }))
  const file = async (content: string) => {
    const path = join(directory, 'codes.csv')
    await writeFile(path, content)
    return path
  }

  test('is used in both directions; a code that it does not have stays itself', () => {
    const table = createCodeTable([
      ['1', 'A'],
      ['2', 'A'],
      ['3', 'B'],
    ])
    expect([table.valueOf('1'), table.valueOf('9')]).toEqual(['A', undefined])
    expect([table.codesOf('A'), table.codesOf('C'), table.codesOf('1')]).toEqual([['1', '2', 'A'], ['C'], []])
    expect(table.isOneToOne).toBe(false)
  })

  test('is read from CSV with a header or with two columns', async () => {
    const named = await readCodeFile({ file: await file('x,to,from\n"a,b",A,1\n'), from: 'from', to: 'to' })
    expect(named.valueOf('1')).toBe('A')
    expect(named.valueOf('a,b')).toBeUndefined()
    expect((await readCodeFile({ file: await file('\ufeff1,A\n2,B\n') })).valueOf('1')).toBe('A')
  })

  test.each([
    ['from,to\n1\n', 'is not CSV'],
    ['from,to\n1,A\n1,B\n', 'codes.csv:3: has a code that an earlier line has already'],
    ['from,to\n1,\n', 'codes.csv:2: must have a code and its value'],
    ['a,b\n1,A\n', 'codes.csv:1: has no column from'],
  ])('%j is refused with its line', async (content, said) => {
    await expect(readCodeFile({ file: await file(content), from: 'from', to: 'to' })).rejects.toThrow(said)
  })
})
