import { mkdir, readdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createExtractsConnector, type ExtractsConnector } from '../../src/connectors/extracts/connector.ts'
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

async function open(relations: readonly AnyRelation[] = RELATIONS): Promise<ExtractsConnector> {
  const connector = await createExtractsConnector({
    system: 'PARTS_LOGISTICS',
    settings: { directory, refreshSeconds: 3_600 },
    relations,
    log: quietLog(lines),
    counters,
    clock: { now: () => Date.parse('2025-10-09T06:00:00Z') },
  })
  opened.push(connector)
  return connector
}

const drop = (asOf: string, format: Format = 'csv', rows = ROWS) => writeDrop({ directory, asOf, rows, format })
const parts = (connector: ExtractsConnector) =>
  connector.page(part, { visible: ALL, where: [], after: null, first: 100 }, signal)

describe('a drop that is not what its manifest or its relations say is refused whole, and the last good one stays', () => {
  test.each(REFUSED)('%s', async (_, reason, spoil) => {
    await drop(AS_OF)
    const connector = await open()
    expect(connector.health()).toEqual({ asOf: AS_OF, refused: null })
    const before = await parts(connector)

    await spoil(directory, await drop(LATER))
    await connector.refresh()
    await connector.refresh()

    expect(await parts(connector)).toEqual(before)
    expect(connector.health()).toEqual({
      asOf: AS_OF,
      refused: { at: '2025-10-09T06:00:00.000Z', reason: expect.stringContaining(reason) },
    })
    expect(lines.filter(({ level }) => level === 'error')).toHaveLength(1)
    expect(counters.snapshot()).toEqual([{ name: 'extracts_refused', labels: { system: 'PARTS_LOGISTICS' }, value: 1 }])

    await drop(LATER)
    await connector.refresh()
    expect(connector.health()).toEqual({ asOf: LATER, refused: null })
    expect((await parts(connector)).asOf).toBe(LATER)
  })

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
    for (const [edit, reason] of wrong) {
      await replace(directory, await drop(AS_OF, 'jsonl'), 'part.jsonl', inLine(2, edit))
      expect((await open()).health()).toMatchObject({
        asOf: null,
        refused: { reason: expect.stringContaining(reason) },
      })
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

test('readers during a swap see the old drop or the new one, each whole', async () => {
  const entries = await drop(AS_OF)
  const connector = await open()
  const fewer = new Map([...ROWS, [part, (ROWS.get(part) ?? []).slice(0, 3)] as const])
  await drop(LATER, 'csv', fewer)
  let swapping = true
  const swap = connector.refresh().finally(() => {
    swapping = false
  })
  const seen = new Set<string>()
  while (swapping) {
    const { asOf, rows } = await parts(connector)
    seen.add(`${asOf} ${rows.length}`)
    await new Promise(setImmediate)
  }
  await swap
  expect(seen).toContain(`${AS_OF} ${entries[0]?.rows}`)
  const { asOf, rows } = await parts(connector)
  expect([asOf, rows.length]).toEqual([LATER, 3])
  expect([...seen].every(each => each === `${AS_OF} 12` || each === `${LATER} 3`)).toBe(true)
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
