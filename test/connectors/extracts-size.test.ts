import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { getHeapSpaceStatistics } from 'node:v8'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createExtractsConnector, type ExtractsConnector } from '../../src/connectors/extracts/connector.ts'
import { createCounters } from '../../src/observe/counters.ts'
import type { RowFilter } from '../../src/systems/connector.ts'
import { columnName, type Row } from '../../src/systems/relation.ts'
import { materialDemand } from '../../src/systems/relations/production-schedule.ts'
import { temporaryDirectory, writeManifest } from './extracts-sample.ts'
import { watchThreads } from './extracts-threads.ts'
import { quietLog } from './quiet-log.ts'

/**
 * A drop as large as a manufacturer's: it never comes into the gateway's own heap, and the gateway's event loop goes on.
 * `EXTRACT_ROWS=3400000` makes it the full size, and prints what was measured.
 */
const ROWS = Number(process.env.EXTRACT_ROWS ?? 150_000)
const MINUTES = Math.ceil(ROWS / 150_000) * 2
const MB = 1_000_000
const SUPPLIERS = 1_000
const PARTS_OF_SUPPLIER = 40
/** Pause of the one who reads while a new drop is loaded, so that the machine loads and does not only read. */
const READ_EVERY_MS = 5
const ASOF = ['2025-10-08T05:30:00.000Z', '2025-10-09T05:30:00.000Z'] as const

let directory: string
let remove: () => Promise<void>
let threads: ReturnType<typeof watchThreads>
let connector: ExtractsConnector | null = null
const signal = new AbortController().signal

beforeAll(async () => {
  ;({ directory, remove } = await temporaryDirectory())
  threads = watchThreads()
})
afterAll(async () => {
  await connector?.close()
  threads.stop()
  await remove()
})

const supplierOf = (n: number) => `BPNL0000000${String(n % SUPPLIERS).padStart(5, '0')}`

/** The suppliers' demand, day after day. */
function demand(n: number): Row {
  const supplier = n % SUPPLIERS
  const part = Math.floor(n / SUPPLIERS) % PARTS_OF_SUPPLIER
  const site = Math.floor(n / SUPPLIERS / PARTS_OF_SUPPLIER) % 3
  const day = Math.floor(n / SUPPLIERS / PARTS_OF_SUPPLIER / 3)
  return {
    supplierBpnl: supplierOf(supplier),
    partNumber: `LR${100_000 + supplier * PARTS_OF_SUPPLIER + part}`,
    customerLocationBpns: `BPNS0000000${site}0000`,
    demandCategory: 'SERIES',
    day: new Date(Date.UTC(2025, 9, 8 + day)).toISOString().slice(0, 10),
    quantity: `${n % 9_000}.125`,
    unit: 'C62',
    partnerMaterialNumber: null,
    callOff: n % 2 === 0,
    lastUpdatedOn: ASOF[0],
  }
}

async function writeDemand(file: FileHandle): Promise<string> {
  const properties = Object.keys(materialDemand.columns)
  const digest = createHash('sha256')
  let text = `${properties.map(columnName).join(',')}\n`
  for (let n = 0; n < ROWS; n += 1) {
    const row = demand(n)
    text += `${properties.map(name => row[name] ?? '').join(',')}\n`
    if (text.length < 262_144 && n < ROWS - 1) continue
    digest.update(text)
    await file.writeFile(text)
    text = ''
  }
  return digest.digest('hex')
}

function ownCpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

/** Bytes in the heap but for what is young: rows that were kept would not be. */
function oldHeap(): number {
  const spaces = getHeapSpaceStatistics().filter(({ space_name }) => !space_name.startsWith('new_'))
  return spaces.reduce((sum, { space_used_size }) => sum + space_used_size, 0)
}

/** What a task does to this process and to the threads that it starts. */
async function measured(task: () => Promise<void>) {
  const before = oldHeap()
  const loop = monitorEventLoopDelay({ resolution: 5 })
  let [heap, rss, threadHeap, hold] = [0, 0, 0, 0]
  let spent = ownCpuMs()
  // What this thread works between two of its turns is what it holds the event loop for; a machine that has other work to
  // do makes the turns late, and says nothing about that.
  const turning = setInterval(() => {
    const now = ownCpuMs()
    hold = Math.max(hold, now - spent)
    spent = now
  }, 5)
  const looking = setInterval(() => {
    heap = Math.max(heap, oldHeap() - before)
    rss = Math.max(rss, process.memoryUsage.rss())
    for (const thread of threads.all().filter(({ threadId }) => threadId > 0))
      void thread.getHeapStatistics().then(
        ({ total_heap_size }) => {
          threadHeap = Math.max(threadHeap, total_heap_size)
        },
        () => {},
      )
  }, 100)
  const started = performance.now()
  loop.enable()
  await task()
  loop.disable()
  clearInterval(looking)
  clearInterval(turning)
  return {
    seconds: (performance.now() - started) / 1_000,
    loopMaxMs: loop.max / 1e6,
    loopP99Ms: loop.percentile(99) / 1e6,
    holdMs: hold,
    heapGrowthMb: heap / MB,
    threadHeapMb: threadHeap / MB,
    rssMb: rss / MB,
  }
}

const IS_SAID = process.env.EXTRACT_ROWS !== undefined

function say(what: string, figures: object): void {
  if (IS_SAID) process.stdout.write(`${what}: ${JSON.stringify(figures)}\n`)
}

const ofSupplier = (n: number): RowFilter => ({ kind: 'owner', columns: ['supplierBpnl'], value: supplierOf(n) })
const page = (opened: ExtractsConnector, n: number) =>
  opened.page(materialDemand, { visible: ofSupplier(n), where: [], after: null, first: 100 }, signal)

test(
  'a large drop is loaded and read without the rows in the own heap, and the event loop goes on',
  async () => {
    const path = join(directory, 'material_demand.csv')
    const file = await open(path, 'w')
    const entry = { relation: 'material_demand', file: 'material_demand.csv', format: 'csv', rows: ROWS }
    const sha256 = await writeDemand(file).finally(() => file.close())
    await writeManifest(directory, ASOF[0], [{ ...entry, sha256 }])

    const loading = await measured(async () => {
      connector = await createExtractsConnector({
        system: 'PRODUCTION_SCHEDULE',
        settings: { directory, refreshSeconds: 3_600 },
        relations: [materialDemand],
        log: quietLog(),
        counters: createCounters(),
        clock: { now: () => Date.now() },
      })
      await connector.refresh()
    })
    say('loading', loading)
    const opened = connector
    if (opened === null) throw new Error('the connector is open')
    expect(opened.health()).toEqual({ asOf: ASOF[0], refused: null })
    expect(await opened.totals(materialDemand, signal)).toMatchObject({ rows: ROWS })

    await writeManifest(directory, ASOF[1], [{ ...entry, sha256 }])
    const times: number[] = []
    const swapping = await measured(async () => {
      let isSwapping = true
      const swap = opened.refresh().finally(() => {
        isSwapping = false
      })
      for (let n = 0; isSwapping; n += 37) {
        const started = performance.now()
        const { rows } = await page(opened, n)
        times.push(performance.now() - started)
        expect(rows).toHaveLength(100)
        expect(new Set(rows.map(row => row.supplierBpnl))).toEqual(new Set([supplierOf(n)]))
        await setTimeout(READ_EVERY_MS)
      }
      await swap
    })
    times.sort((a, b) => a - b)
    say('new drop while serving', {
      ...swapping,
      reads: times.length,
      p50Ms: times[times.length >> 1],
      maxMs: times.at(-1),
    })
    expect(opened.health()).toEqual({ asOf: ASOF[1], refused: null })

    for (const { seconds, holdMs, heapGrowthMb, threadHeapMb } of [loading, swapping]) {
      expect(holdMs).toBeLessThan((seconds * 1_000) / 20)
      expect(heapGrowthMb).toBeLessThan(60)
      expect(threadHeapMb).toBeLessThan(300)
    }

    const keys = Array.from({ length: 500 }, (_, n) => materialDemand.key.map(name => demand(n * 299)[name] ?? null))
    const looked = await opened.lookup(
      materialDemand,
      { columns: materialDemand.key, keys, visible: { kind: 'all' } },
      signal,
    )
    expect(looked.rows).toHaveLength(500)
    if (!IS_SAID) return
    const again = await measured(async () => {
      for (let n = 0; n < 50; n += 1)
        await opened.lookup(materialDemand, { columns: materialDemand.key, keys, visible: { kind: 'all' } }, signal)
    })
    say('50 look-ups of 500 keys', again)
  },
  MINUTES * 60_000,
)
