import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type ExtractsSettings, extractsSchema } from '../../src/config/extracts-schema.ts'
import { createExtractsConnector, type ExtractsConnector } from '../../src/connectors/extracts/connector.ts'
import { isNamed } from '../../src/connectors/extracts/mapping.ts'
import { createCounters } from '../../src/observe/counters.ts'
import type { RowFilter } from '../../src/systems/connector.ts'
import { part, partSupersession } from '../../src/systems/relations/parts-logistics.ts'
import { sha256, temporaryDirectory, writeManifest } from './extracts-sample.ts'
import { quietLog } from './quiet-log.ts'
import { AS_OF } from './sample.ts'

type Mapped = NonNullable<ExtractsSettings['relations']>

const ALL: RowFilter = { kind: 'all' }
const RELATIONS = [part, partSupersession]
const signal = new AbortController().signal

let directory: string
let remove: () => Promise<void>
const opened: ExtractsConnector[] = []

beforeEach(async () => {
  ;({ directory, remove } = await temporaryDirectory())
})
afterEach(async () => {
  for (const connector of opened.splice(0)) await connector.close()
  await remove()
})

async function open(relations: Mapped): Promise<ExtractsConnector> {
  const connector = await createExtractsConnector({
    system: 'PARTS_LOGISTICS',
    settings: { directory, refreshSeconds: 3_600, relations },
    relations: RELATIONS,
    log: quietLog(),
    counters: createCounters(),
    clock: { now: () => Date.parse('2025-10-09T06:00:00Z') },
  })
  opened.push(connector)
  return connector
}

const PARTS: Mapped[string] = {
  files: 'MATERIAL_*.csv',
  delimiter: 'comma',
  columns: { part_number: 'MATNR', description: 'MAKTX', base_unit: 'MEINS' },
}
const CHAINS: Mapped[string] = { files: 'CHAIN_?.csv', delimiter: 'comma' }
const HEADER =
  'MATNR,MAKTX,MEINS,superseded_by_part_number,supersession_kind,effective_from,use_up_old_stock,active,MANDT'

/** Writes the files with a manifest that names no relation; `said` is added to each of its entries. */
async function drop(texts: Readonly<Record<string, string>>, said: object = {}): Promise<void> {
  const entries: unknown[] = []
  for (const [file, text] of Object.entries(texts)) {
    await writeFile(join(directory, file), text)
    entries.push({ file, sha256: sha256(text), rows: text.split('\n').length - 2, ...said })
  }
  await writeManifest(directory, AS_OF, entries)
}

const GOOD = {
  'MATERIAL_01.csv': `${HEADER}\nLR1,Bracket,C62,,,,false,true,100\n`,
  'MATERIAL_02.csv': `${HEADER}\nLR2,Hinge,C62,,,,false,true,100\n`,
  'CHAIN_1.csv': 'part_number,current_part_number,chain\nLR1,LR2,LR1;LR2\n',
}

test("files are found by their names, columns by the site's names for them, and other columns are left alone", async () => {
  await drop(GOOD)
  const connector = await open({ part: PARTS, part_supersession: CHAINS })
  const { rows } = await connector.page(part, { visible: ALL, where: [], after: null, first: 5 }, signal)
  expect(rows.map(({ partNumber, description }) => [partNumber, description])).toEqual([
    ['LR1', 'Bracket'],
    ['LR2', 'Hinge'],
  ])
  expect(await connector.inspect(RELATIONS, signal)).toEqual([
    {
      relation: 'part',
      source: 'files MATERIAL_*.csv (part_number from MATNR, description from MAKTX, base_unit from MEINS)',
      lookupsOnly: false,
      problems: [],
    },
    { relation: 'part_supersession', source: 'files CHAIN_?.csv', lookupsOnly: false, problems: [] },
  ])
})

describe('an inspection says of each relation what is wrong with its mapping, and what came instead', () => {
  const wrong: readonly (readonly [string, Mapped[string], Partial<typeof GOOD>, string])[] = [
    [
      'a column that the files do not have',
      { ...PARTS, columns: { ...PARTS.columns, base_unit: 'UNIT' } },
      {},
      'MATERIAL_01.csv:1: no column UNIT; instead there is MEINS, MANDT',
    ],
    [
      'a column that the relation does not have',
      { ...PARTS, columns: { colour: 'FARBE' } },
      {},
      'column colour: the relation has no such column, but part_number, description,',
    ],
    [
      'a column of another kind',
      PARTS,
      { 'MATERIAL_02.csv': `${HEADER}\nLR2,Hinge,C62,,,,no,true,100\n` },
      'MATERIAL_02.csv:2: column use_up_old_stock: Invalid input: expected boolean',
    ],
    [
      'a key that two files have',
      PARTS,
      { 'MATERIAL_02.csv': GOOD['MATERIAL_01.csv'] },
      'MATERIAL_02.csv:2: column part_number: the key stands there twice',
    ],
    ['another delimiter', { ...PARTS, delimiter: 'semicolon' }, {}, 'MATERIAL_01.csv:1: no column MATNR, MAKTX, MEINS'],
  ]
  test.each(wrong)('%s', async (_, mapping, files, problem) => {
    await drop({ ...GOOD, ...files })
    const connector = await open({ part: mapping, part_supersession: CHAINS })
    expect(await connector.inspect(RELATIONS, signal)).toMatchObject([
      { relation: 'part', problems: [expect.stringContaining(problem)] },
      { relation: 'part_supersession', problems: [] },
    ])
    await expect(connector.probe(RELATIONS, signal)).rejects.toThrow(`relation part, ${problem}`)
    expect(connector.warning()).toContain('there is no drop to serve')
  })

  test('two relations at once', async () => {
    await drop({ ...GOOD, 'CHAIN_1.csv': 'part_number,chain\nLR1,LR1;LR2\n' })
    const connector = await open({ part: { ...PARTS, columns: {} }, part_supersession: CHAINS })
    const problems = (await connector.inspect(RELATIONS, signal)).map(each => each.problems.length)
    expect(problems).toEqual([1, 1])
  })

  test('a first line of values is not shown in the place of column names', async () => {
    await drop({ ...GOOD, 'MATERIAL_01.csv': 'SECRET,Bracket,C62,,,,false,true,100\nLR2,x,C62,,,,false,true,100\n' })
    const connector = await open({ part: PARTS, part_supersession: CHAINS })
    const text = JSON.stringify(await connector.inspect(RELATIONS, signal))
    expect(text).toContain('no column MATNR')
    expect(text).not.toContain('SECRET')
  })
})

describe('a manifest must leave no doubt whose a file is', () => {
  const doubtful: readonly (readonly [string, Mapped, Readonly<Record<string, string>>, object, string])[] = [
    [
      'two patterns take it',
      { part: PARTS, part_supersession: { ...CHAINS, files: '*' } },
      {},
      {},
      'several relations',
    ],
    [
      'no pattern takes it',
      { part: PARTS, part_supersession: CHAINS },
      { 'OTHER.csv': 'a\n' },
      {},
      'OTHER.csv: no relation takes',
    ],
    [
      'a relation without a file',
      { part: PARTS, part_supersession: { ...CHAINS, files: 'NONE' } },
      {},
      {},
      'no relation takes',
    ],
    [
      'manifest and pattern disagree',
      { part: PARTS, part_supersession: CHAINS },
      {},
      { relation: 'part' },
      'configured to be in files',
    ],
    [
      'a name without format',
      { part: { ...PARTS, files: '*' } },
      { 'MATERIAL.txt': 'a\n' },
      {},
      'nothing says its format',
    ],
    [
      'formats disagree',
      { part: { ...PARTS, format: 'jsonl' }, part_supersession: CHAINS },
      {},
      { format: 'csv' },
      'is configured to be jsonl',
    ],
  ]
  test.each(doubtful)('%s', async (_, mapped, files, said, reason) => {
    await drop('MATERIAL.txt' in files ? files : { ...GOOD, ...files }, said)
    const connector = await open(mapped)
    expect(connector.health().refused?.reason).toMatch(/^manifest\.json: /)
    expect(connector.health().refused?.reason).toContain(reason)
    await expect(connector.inspect(RELATIONS, signal)).rejects.toMatchObject({ code: 'SYSTEM_UNAVAILABLE' })
  })
})

test('a pattern takes whole names, * for any characters and ? for one, in little time', () => {
  const named = ['demand-1.csv', 'demand-.csv', 'demand-12.csv', 'xdemand-1.csv', 'demand-1.csv.bak', 'demand-1xcsv']
  expect(named.filter(name => isNamed(name, 'demand-*.csv'))).toEqual(['demand-1.csv', 'demand-.csv', 'demand-12.csv'])
  expect(named.filter(name => isNamed(name, 'demand-?.csv'))).toEqual(['demand-1.csv'])
  expect(isNamed('a'.repeat(200), `${'*a'.repeat(99)}b`)).toBe(false)
})

test('the configuration takes no pattern that leaves the directory', () => {
  const schema = extractsSchema('/etc/gateway')
  const parse = (files: string) =>
    schema.safeParse({ kind: 'extracts', directory: 'drops', relations: { part: { files } } })
  for (const files of ['../*.csv', '/etc/*', 'a\\b', '.*', '', 'a{b,c}.csv']) expect(parse(files).success).toBe(false)
  expect(parse('demand-??.*').data?.relations).toEqual({ part: { files: 'demand-??.*', delimiter: 'comma' } })
})

test('what a read sends can be shown: from which files, by which index, with which values', async () => {
  await drop(GOOD)
  const connector = await open({ part: PARTS, part_supersession: CHAINS })
  const [text = ''] = connector.explain(part, {
    kind: 'lookup',
    query: { columns: ['partNumber'], keys: [['LR1']], visible: ALL },
  })
  for (const expected of ['-- files MATERIAL_*.csv', 'INDEXED BY "part_key"', '-- ?1 = [["LR1"]]'])
    expect(text).toContain(expected)
  const page = { visible: ALL, where: [], after: ['LR1'], first: 5 }
  expect(connector.explain(part, { kind: 'page', query: page })).toHaveLength(2)
})

test('the proof of read-only says how far it goes', async () => {
  await drop(GOOD)
  const connector = await open({ part: PARTS, part_supersession: CHAINS })
  expect(await connector.proveReadOnly(signal)).toMatch(/^files are opened for reading only.*read-only mount/)
  expect(await readFile(join(directory, 'CHAIN_1.csv'), 'utf8')).toBe(GOOD['CHAIN_1.csv'])
})
