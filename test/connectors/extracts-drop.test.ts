import { mkdir, readdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import {
  createExtractsConnector,
  type ExtractsConnector,
  type ExtractsConnectorOptions,
} from '../../src/connectors/extracts/connector.ts'
import { writeRelation } from '../../src/connectors/extracts/drop-file.ts'
import { parseManifest } from '../../src/connectors/extracts/manifest.ts'
import { mappingOf } from '../../src/connectors/extracts/mapping.ts'
import { createCounters } from '../../src/observe/counters.ts'
import type { AnyRelation, RowFilter } from '../../src/systems/connector.ts'
import type { Row } from '../../src/systems/relation.ts'
import { part, partSupersession } from '../../src/systems/relations/parts-logistics.ts'
import { type Format, temporaryDirectory, writeDrop, writeManifest } from './extracts-sample.ts'
import { type LogLine, quietLog } from './quiet-log.ts'
import { AS_OF, SAMPLE } from './sample.ts'
import { inLine, LATER, REFUSED, replace } from './spoilt-drops.ts'

const ALL: RowFilter = { kind: 'all' }
const RELATIONS = [part, partSupersession]
const ROWS = new Map<AnyRelation, readonly Row[]>(RELATIONS.map(relation => [relation, SAMPLE.get(relation) ?? []]))
const signal = new AbortController().signal

let directory: string
let remove: () => Promise<void>
let lines: LogLine[]
let counters: ReturnType<typeof createCounters>
const opened: ExtractsConnector[] = []

beforeEach(async () => {
  ;({ directory, remove } = await temporaryDirectory())
  lines = []
  counters = createCounters()
})
afterEach(async () => {
  for (const connector of opened.splice(0)) await connector.close()
  await remove()
})

const connectorOver = (over: string, observed: Pick<ExtractsConnectorOptions, 'log' | 'counters'>) =>
  createExtractsConnector({
    system: 'PARTS_LOGISTICS',
    settings: { directory: over, refreshSeconds: 3_600 },
    relations: RELATIONS,
    clock: { now: () => Date.parse('2025-10-09T06:00:00Z') },
    ...observed,
  })

async function open(): Promise<ExtractsConnector> {
  const connector = await connectorOver(directory, { log: quietLog(lines), counters })
  opened.push(connector)
  return connector
}

const drop = (asOf: string, format: Format = 'csv', rows = ROWS) => writeDrop({ directory, asOf, rows, format })
const parts = (connector: ExtractsConnector) =>
  connector.page(part, { visible: ALL, where: [], after: null, first: 100 }, signal)

describe('a drop that is not what its manifest or its relations say is refused whole, and the last good one stays', () => {
  /** One for all of them, over a directory of its own, in which the good drop lies again before each. */
  let shared: Awaited<ReturnType<typeof temporaryDirectory>>
  let connector: ExtractsConnector
  let before: Awaited<ReturnType<typeof parts>>
  const logged: LogLine[] = []
  const counted = createCounters()
  const refusals = () => counted.snapshot().find(({ name }) => name === 'extracts_refused')?.value ?? 0
  const lay = (asOf: string) => writeDrop({ directory: shared.directory, asOf, rows: ROWS, format: 'csv' })

  beforeAll(async () => {
    shared = await temporaryDirectory()
    await lay(AS_OF)
    connector = await connectorOver(shared.directory, { log: quietLog(logged), counters: counted })
    before = await parts(connector)
  })
  afterAll(async () => {
    await connector?.close()
    await shared?.remove()
  })

  test.each(REFUSED)('%s', async (_, reason, spoil) => {
    await lay(AS_OF)
    await connector.refresh()
    expect(connector.health()).toEqual({ asOf: AS_OF, refused: null })
    logged.length = 0
    const refusedBefore = refusals()

    await spoil(shared.directory, await lay(LATER))
    await connector.refresh()
    await connector.refresh()

    expect(await parts(connector)).toEqual(before)
    expect(connector.health()).toEqual({
      asOf: AS_OF,
      refused: { at: '2025-10-09T06:00:00.000Z', reason: expect.stringContaining(reason) },
    })
    expect(logged.filter(({ level }) => level === 'error')).toHaveLength(1)
    expect(refusals()).toBe(refusedBefore + 1)
  })

  // One that is refused for its rows, and one that is refused before any is read.
  test.each(REFUSED.filter(([name]) => /^a value that the relation|^a manifest that is not JSON/.test(name)))(
    '%s, until it is mended',
    async (_, reason, spoil) => {
      await drop(AS_OF)
      const connector = await open()
      await spoil(directory, await drop(LATER))
      await connector.refresh()
      expect(connector.health().refused?.reason).toContain(reason)
      expect(counters.snapshot()).toEqual([
        { name: 'extracts_refused', labels: { system: 'PARTS_LOGISTICS' }, value: 1 },
      ])

      await drop(LATER)
      await connector.refresh()
      expect(connector.health()).toEqual({ asOf: LATER, refused: null })
      expect((await parts(connector)).asOf).toBe(LATER)
    },
  )

  test('an object in JSON Lines that is wrong is named by its line', async () => {
    const wrong: readonly (readonly [(line: string) => string, string])[] = [
      [line => line.replace('"active"', '"actif"'), 'part.jsonl:2: no column active'],
      [line => line.replace('{', '{"__proto__":1,'), 'part.jsonl:2: part has no column as the 1th here'],
      [() => '[1]', 'part.jsonl:2: no JSON object'],
      [() => '', 'part.jsonl:2: not JSON'],
      [line => line.slice(0, -5), 'part.jsonl:2: not JSON'],
      [line => line.replace('"C62"', '62'), 'part.jsonl:2: column base_unit'],
      [line => line.replace('bracket', '\\u0000'), 'part.jsonl:2: column description: has NUL'],
      [line => line.replace('bracket', '\\ud800'), 'part.jsonl:2: column description: has NUL or half a surrogate'],
    ]
    const mapping = mappingOf(undefined)
    for (const [edit, reason] of wrong) {
      await replace(directory, await drop(AS_OF, 'jsonl'), 'part.jsonl', inLine(2, edit))
      const manifest = parseManifest(
        await readFile(join(directory, 'manifest.json'), 'utf8'),
        new Map(RELATIONS.map(relation => [relation, mapping])),
      )
      const files = manifest.files.filter(({ relation }) => relation === part.name)
      using database = new DatabaseSync(':memory:')
      await expect(writeRelation(database, { directory, relation: part, mapping, files }, () => {})).rejects.toThrow(
        reason,
      )
    }
  })

  test('no reason shows a value of a row', async () => {
    for (const format of ['csv', 'jsonl'] as const) {
      await replace(
        directory,
        await drop(AS_OF, format),
        `part.${format}`,
        inLine(2, line => line.replace('C62', 'SECRET-VALUE')),
      )
      const connector = await open()
      expect(connector.health().refused).not.toBeNull()
      expect(JSON.stringify([connector.health(), lines])).not.toContain('SECRET')
    }
  })
})

test('without a good drop every read is SYSTEM_UNAVAILABLE, with the reason as its cause', async () => {
  const connector = await open()
  const expected = {
    code: 'SYSTEM_UNAVAILABLE',
    cause: expect.objectContaining({ message: expect.stringContaining('manifest.json') }),
  }
  await expect(parts(connector)).rejects.toMatchObject(expected)
  await expect(
    connector.lookup(part, { columns: ['partNumber'], keys: [['LR101000']], visible: ALL }, signal),
  ).rejects.toMatchObject(expected)
  await expect(connector.totals(part, signal)).rejects.toMatchObject(expected)
  await expect(connector.freshness(signal)).rejects.toMatchObject(expected)
  await expect(connector.probe(RELATIONS, signal)).rejects.toMatchObject(expected)
})

test('a relation may be spread over several files of either format, in which a key may stand once', async () => {
  const [first, second] = await drop(AS_OF)
  const moreParts = new Map<AnyRelation, readonly Row[]>([
    [part, (ROWS.get(part) ?? []).map(row => ({ ...row, partNumber: `${row.partNumber}-2` }))],
  ])
  const [more] = await writeDrop({ directory, asOf: AS_OF, rows: moreParts, format: 'jsonl' })
  await writeManifest(directory, AS_OF, [first, more, second])
  const connector = await open()
  expect((await parts(connector)).rows).toHaveLength(24)

  await writeDrop({ directory, asOf: AS_OF, rows: ROWS, format: 'jsonl' })
  const [twice] = await writeDrop({
    directory,
    asOf: AS_OF,
    rows: new Map([[part, ROWS.get(part) ?? []]]),
    format: 'jsonl',
  })
  await writeManifest(directory, LATER, [first, twice, second])
  await connector.refresh()
  expect(connector.health().refused?.reason).toContain('part.jsonl:1: column part_number: the key stands there twice')
})

test('files may be links, as an orchestrator mounts them, and may begin with a byte order mark', async () => {
  const entries = await drop(AS_OF)
  await replace(directory, entries, 'part.csv', text => `\ufeff${text}`)
  await mkdir(join(directory, 'mounted'))
  for (const name of (await readdir(directory)).filter(each => each.includes('.')))
    await symlink(join('..', name), join(directory, 'mounted', name))
  directory = join(directory, 'mounted')
  expect((await open()).health()).toEqual({ asOf: LATER, refused: null })
})

test('reading changes nothing in the directory', async () => {
  await drop(AS_OF)
  const content = async () =>
    Promise.all((await readdir(directory)).map(name => readFile(join(directory, name), 'utf8')))
  const before = await content()
  const connector = await open()
  await connector.probe(RELATIONS, signal)
  await parts(connector)
  await connector.refresh()
  expect(await content()).toEqual(before)
})

test('a connector closed while it loads stops loading', async () => {
  await drop(AS_OF)
  const connector = await open()
  await drop(LATER)
  const refreshing = connector.refresh()
  await connector.close()
  await refreshing
  expect(connector.health()).toEqual({ asOf: null, refused: null })
  expect(lines.filter(({ level }) => level === 'error')).toEqual([])
})
