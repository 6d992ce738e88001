import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import {
  createExtractsConnector,
  type ExtractsConnector,
  type ExtractsConnectorOptions,
} from '../../src/connectors/extracts/connector.ts'
import { createWorkDirectory } from '../../src/connectors/extracts/work-directory.ts'
import { createCounters } from '../../src/observe/counters.ts'
import type { AnyRelation, RowFilter } from '../../src/systems/connector.ts'
import type { Row } from '../../src/systems/relation.ts'
import { part, partStock } from '../../src/systems/relations/parts-logistics.ts'
import { temporaryDirectory, writeDrop } from './extracts-sample.ts'
import { watchThreads } from './extracts-threads.ts'
import { type LogLine, quietLog } from './quiet-log.ts'
import { AS_OF, SAMPLE } from './sample.ts'

/** How drops are taken over while they are read, and what is left of threads and files. */
const ALL: RowFilter = { kind: 'all' }
const signal = new AbortController().signal

let directory: string
let workDirectory: string
let remove: () => Promise<void>
let lines: LogLine[]
let threads: ReturnType<typeof watchThreads>
const opened: ExtractsConnector[] = []

beforeEach(async () => {
  ;({ directory, remove } = await temporaryDirectory())
  workDirectory = join(directory, 'work')
  await mkdir(workDirectory)
  lines = []
  threads = watchThreads()
})
afterEach(async () => {
  for (const connector of opened.splice(0)) await connector.close()
  threads.stop()
  await remove()
})

async function open(options: Partial<ExtractsConnectorOptions> = {}): Promise<ExtractsConnector> {
  const connector = await createExtractsConnector({
    system: 'PARTS_LOGISTICS',
    settings: { directory, workDirectory, refreshSeconds: 3_600 },
    relations: [part, partStock],
    log: quietLog(lines),
    counters: createCounters(),
    clock: { now: () => Date.parse('2025-10-09T06:00:00Z') },
    ...options,
  })
  opened.push(connector)
  return connector
}

/** A drop in which every row of both relations says which drop it is of. */
async function dropOf(asOf: string, parts = 12, description = asOf): Promise<void> {
  const [like] = SAMPLE.get(part) ?? []
  const rows = new Map<AnyRelation, readonly Row[]>([
    [part, Array.from({ length: parts }, (_, n) => ({ ...like, partNumber: `LR${100_000 + n}`, description }))],
    [partStock, (SAMPLE.get(partStock) ?? []).map(row => ({ ...row, lastUpdatedOn: asOf }))],
  ])
  await writeDrop({ directory, asOf, rows, format: 'jsonl' })
}

const parts = (connector: ExtractsConnector, first = 100, aborting = signal) =>
  connector.page(part, { visible: ALL, where: [], after: null, first }, aborting)
const files = async () => (await readdir(workDirectory, { recursive: true })).filter(name => name.endsWith('.sqlite'))

test('readers during swaps get one drop or the other, each reading whole and of the time that it says', async () => {
  await dropOf(AS_OF)
  const connector = await open()
  const seen = new Set<string>()
  /** Every other drop has fewer parts than the one before. */
  const partsOf = (asOf: string) => (Number(asOf.slice(14, 16)) % 2 === 0 ? 12 : 3)
  let swapping = true
  const readers = Array.from({ length: 8 }, async () => {
    while (swapping) {
      const [page, lookup, stock] = await Promise.all([
        parts(connector),
        connector.lookup(part, { columns: ['partNumber'], keys: [['LR100001'], ['LR100002']], visible: ALL }, signal),
        connector.page(partStock, { visible: ALL, where: [], after: null, first: 100 }, signal),
      ])
      for (const { asOf, rows } of [page, lookup]) {
        expect(new Set(rows.map(row => row.description))).toEqual(new Set([asOf]))
        seen.add(asOf)
      }
      expect([page.rows, lookup.rows, stock.rows].map(rows => rows.length)).toEqual([partsOf(page.asOf), 2, 18])
      expect(new Set(stock.rows.map(row => row.lastUpdatedOn))).toEqual(new Set([stock.asOf]))
    }
  })
  // Where one of them fails, nobody waits for what they would have seen.
  const reading = Promise.all(readers).finally(() => {
    swapping = false
  })
  const untilSeen = async (asOf: string) => {
    while (swapping && !seen.has(asOf)) await setTimeout(5)
  }
  await untilSeen(AS_OF)
  for (let minute = 31; minute < 37; minute += 1) {
    const asOf = `2025-10-08T05:${minute}:00.000Z`
    await dropOf(asOf, partsOf(asOf))
    await connector.refresh()
    expect(connector.health().refused).toBeNull()
    await untilSeen(asOf)
  }
  swapping = false
  await reading
  expect([...seen].toSorted()).toEqual([AS_OF, ...[31, 32, 33, 34, 35, 36].map(m => `2025-10-08T05:${m}:00.000Z`)])
})

test('the file of a drop goes when the next one has taken its place, and all of them with the connector', async () => {
  await dropOf(AS_OF)
  const connector = await open()
  expect(await files()).toHaveLength(1)
  await Promise.all([parts(connector), dropOf('2025-10-08T05:31:00.000Z').then(connector.refresh)])
  await parts(connector)
  // The thread answers in order, so the file that it let go of before this reading may be gone a little later only.
  while ((await files()).length > 1) await new Promise(setImmediate)
  expect((await files()).map(name => name.endsWith('2.sqlite'))).toEqual([true])
  expect(threads.all().filter(({ threadId }) => threadId > 0)).toHaveLength(1)
  await connector.close()
  expect(await readdir(workDirectory)).toEqual([])
  expect(threads.all().map(({ threadId }) => threadId)).toEqual(threads.all().map(() => -1))
})

test('a connector closed while it loads and reads leaves no thread and no file', async () => {
  await dropOf(AS_OF)
  const connector = await open()
  await dropOf('2025-10-08T05:31:00.000Z', 5_000)
  const refreshing = connector.refresh()
  const reading = parts(connector).catch(() => null)
  await connector.close()
  await Promise.all([refreshing, reading])
  expect(await readdir(workDirectory)).toEqual([])
  expect(threads.all().filter(({ threadId }) => threadId > 0)).toEqual([])
})

test('where the reading thread dies, the reads that it had fail, and the next one is answered by another', async () => {
  await dropOf(AS_OF, 10_000)
  const counters = createCounters()
  const connector = await open({ counters })
  await parts(connector)
  const [reader] = threads.all().filter(({ threadId }) => threadId > 0)
  const lost = Promise.allSettled([parts(connector, 10_000), parts(connector, 10_000)])
  await reader?.terminate()
  expect((await lost).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect((await parts(connector)).rows).toHaveLength(100)
  expect(counters.snapshot()).toEqual([
    { name: 'extracts_reader_deaths', labels: { system: 'PARTS_LOGISTICS' }, value: 1 },
  ])
})

test('where the loading thread dies, the last good drop stays, and the same new one is tried again', async () => {
  await dropOf(AS_OF)
  const connector = await open()
  await dropOf('2025-10-08T05:31:00.000Z', 5_000)
  const known = threads.all().length
  const refreshing = connector.refresh()
  while (threads.all().length === known) await new Promise(setImmediate)
  await threads.all().at(-1)?.terminate()
  await refreshing
  expect(connector.health()).toMatchObject({ asOf: AS_OF, refused: { reason: expect.stringContaining('thread') } })
  expect(await files()).toHaveLength(1)
  await connector.refresh()
  expect(connector.health()).toEqual({ asOf: '2025-10-08T05:31:00.000Z', refused: null })
})

test('a drop that was refused is not read again before one of its files changes', async () => {
  await dropOf(AS_OF)
  const connector = await open({ clock: { now: () => Date.now() + 60_000 } })
  await dropOf('2025-10-08T05:31:00.000Z')
  const path = join(directory, 'part.jsonl')
  const whole = await readFile(path)
  await writeFile(path, whole.subarray(0, 100))
  await connector.refresh()
  expect(connector.warning()).toMatch(
    /^the drop as of 2025-10-08T05:30:.* is served, a newer one refused since .*part.jsonl/,
  )
  const started = threads.all().length
  await connector.refresh()
  expect(threads.all()).toHaveLength(started)
  await writeFile(path, whole)
  await connector.refresh()
  expect(connector.health()).toEqual({ asOf: '2025-10-08T05:31:00.000Z', refused: null })
  expect(connector.warning()).toBeNull()
})

test('a file server whose clock is ahead has no drop that was refused read again and again', async () => {
  await dropOf(AS_OF)
  const connector = await open({ clock: { now: () => Date.parse('2025-10-09T06:00:00Z') } })
  await dropOf('2025-10-08T05:31:00.000Z')
  await writeFile(join(directory, 'part.jsonl'), 'nothing')
  await connector.refresh()
  expect(connector.health().refused).not.toBeNull()
  const started = threads.all().length
  await connector.refresh()
  expect(threads.all()).toHaveLength(started)
})

test('a drop as of a time that lies ahead is refused until then, and the last good one stays', async () => {
  let now = Date.parse('2025-10-08T06:00:00Z')
  await dropOf(AS_OF)
  const connector = await open({ clock: { now: () => now } })
  await dropOf('2025-10-08T07:00:00.000Z')
  await connector.refresh()
  expect(connector.health()).toMatchObject({ asOf: AS_OF, refused: { reason: expect.stringContaining('lies ahead') } })
  now = Date.parse('2025-10-08T07:00:00Z')
  await connector.refresh()
  expect(connector.health()).toEqual({ asOf: '2025-10-08T07:00:00.000Z', refused: null })
})

test('a drop that is older than the one before it is served, and warned of until a newer one comes', async () => {
  await dropOf('2025-10-08T05:40:00.000Z')
  const connector = await open()
  for (const older of [AS_OF, '2025-10-08T05:35:00.000Z']) {
    await dropOf(older)
    await connector.refresh()
    expect(connector.health()).toEqual({ asOf: older, refused: null })
    expect(connector.warning()).toBe(
      `the drop as of ${older} is served, which is older than the one before it, as of 2025-10-08T05:40:00.000Z`,
    )
  }
  await dropOf('2025-10-08T05:41:00.000Z')
  await connector.refresh()
  expect(connector.warning()).toBeNull()
})

test('more large reads at once than the thread could hold are all answered, by one and the same thread', async () => {
  await dropOf(AS_OF, 5_000, 'x'.repeat(400))
  const counters = createCounters()
  const connector = await open({ counters })
  const reads = await Promise.all(Array.from({ length: 200 }, async () => (await parts(connector, 5_000)).rows.length))
  expect(new Set(reads)).toEqual(new Set([5_000]))
  expect(counters.snapshot()).toEqual([])
})

test('whoever waits for a first drop waits as long as it takes, and others are told that there is none yet', async () => {
  await dropOf(AS_OF, 5_000)
  const connector = await open({ startWaitMs: 0 })
  await expect(connector.freshness(signal)).rejects.toMatchObject({ code: 'SYSTEM_UNAVAILABLE' })
  await connector.whenLoaded?.(signal, () => {})
  expect(await connector.freshness(signal)).toBe(AS_OF)
})

test('a file of ours that somebody removed is made again at the next look', async () => {
  await dropOf(AS_OF)
  const connector = await open()
  const [file = ''] = await files()
  await rm(join(workDirectory, file))
  await expect(parts(connector)).rejects.toThrow('the extracts cannot be read')
  await connector.refresh()
  expect((await parts(connector)).rows).toHaveLength(12)
})

test('a caller who leaves is answered at once, while the read that others wait for goes on', async () => {
  await dropOf(AS_OF, 5_000)
  const connector = await open()
  const reason = new Error('the caller has gone')
  const leaving = new AbortController()
  const none = { column: 'description', is: 'equal', value: 'none' } as const
  const left = connector.page(part, { visible: ALL, where: [none], after: null, first: 1 }, leaving.signal)
  const stays = parts(connector, 5_000)
  leaving.abort(reason)
  await expect(left).rejects.toBe(reason)
  expect((await stays).rows).toHaveLength(5_000)
})

test('a first drop that takes long does not keep the gateway from starting: until then the reason is given', async () => {
  await dropOf(AS_OF, 5_000)
  const connector = await open({ startWaitMs: 0 })
  await expect(parts(connector)).rejects.toMatchObject({
    code: 'SYSTEM_UNAVAILABLE',
    cause: expect.objectContaining({ message: expect.stringContaining('still being loaded') }),
  })
  // Who inspects waits for it.
  expect(await connector.inspect([part], signal)).toEqual([expect.objectContaining({ problems: [] })])
  expect((await parts(connector)).rows).toHaveLength(100)
})

test('what a crash left is removed at the next start, what another process uses is not', async () => {
  const module = fileURLToPath(new URL('../../src/connectors/extracts/work-directory.ts', import.meta.url))
  const code = `import { createWorkDirectory } from ${JSON.stringify(module)}
    const { path } = await createWorkDirectory(${JSON.stringify(workDirectory)})
    console.log(path)
    setInterval(() => {}, 1000)`
  const start = async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'ignore'] })
    const [path] = (await once(child.stdout, 'data')) as [Buffer]
    return { child, path: String(path).trim() }
  }
  const [crashed, running] = [await start(), await start()]
  crashed.child.kill('SIGKILL')
  await once(crashed.child, 'exit')
  const own = await createWorkDirectory(workDirectory)
  try {
    const expected = [running.path, `${running.path}.sock`, own.path, `${own.path}.sock`]
    expect((await readdir(workDirectory)).map(name => join(workDirectory, name)).toSorted()).toEqual(
      expected.toSorted(),
    )
  } finally {
    await own.remove()
    running.child.kill('SIGKILL')
    await once(running.child, 'exit')
  }
})

test('a work directory that is not there is named with the remedy', async () => {
  const settings = { directory, workDirectory: join(directory, 'none'), refreshSeconds: 3_600 }
  await expect(open({ settings })).rejects.toThrow(/none: no place to work in .*workDirectory/)
})
