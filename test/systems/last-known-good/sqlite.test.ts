import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { openSqliteStorage, type SqliteStorageOptions } from '../../../src/systems/last-known-good/sqlite-storage.ts'
import type { TextStorage } from '../../../src/systems/last-known-good/text-storage.ts'
import { type LogLine, quietLog } from '../../connectors/quiet-log.ts'
import { ALPHA, BETA } from '../viewer.ts'
import { keeperOver, lineOf, NOW } from './small-keeper.ts'
import { entry } from './storage-contract.ts'

const MIB = 1_048_576
let directory: string
let path: string
let lines: LogLine[]
let opened: TextStorage[]
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'recovery-gateway-last-known-'))
  path = join(directory, 'gateway', 'last.sqlite')
  lines = []
  opened = []
})
afterEach(async () => {
  await Promise.all(opened.map(storage => storage.disconnect()))
  rmSync(directory, { recursive: true, force: true })
})

async function open(maxBytes = 4 * MIB, options: Partial<SqliteStorageOptions> = {}): Promise<TextStorage> {
  const storage = await openSqliteStorage({ path, maxBytes, log: quietLog(lines), ...options })
  opened.push(storage)
  return storage
}

async function reopen(maxBytes?: number): Promise<TextStorage> {
  await Promise.all(opened.splice(0).map(storage => storage.disconnect()))
  return open(maxBytes)
}

/** Batches of texts of a few KiB, each under a number. */
async function fill(storage: TextStorage, count: number): Promise<void> {
  for (let from = 0; from < count; from += 100) {
    const batch = Array.from({ length: 100 }, (_, n) => entry(String(from + n), 'x'.repeat(100 + ((n * 997) % 4_000))))
    await storage.setMany(batch)
  }
}

test('what a system gave is given by the next process', async () => {
  const before = keeperOver(await open())
  await before.keepLines('1', [lineOf('1')])
  await before.keeper.close()
  const after = keeperOver(await reopen())
  expect(await after.find('1')).toMatchObject({ readAtMs: NOW, value: [{ number: '1' }] })
})

test('a process that is killed loses no batch that was written, and spoils no other', async () => {
  const program = fileURLToPath(new URL('writing-process.ts', import.meta.url))
  const child = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  let written = -1
  for await (const batch of createInterface({ input: child.stdout })) {
    written = Math.max(written, Number(batch))
    if (written === 20) child.kill('SIGKILL')
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  expect(child.signalCode).toBe('SIGKILL')
  const storage = await open(16 * MIB)
  for (let batch = 0; batch <= written; batch++) {
    const keys = Array.from({ length: 50 }, (_, n) => `${batch} ${n}`)
    const texts = await storage.getMany(keys)
    expect(texts.map(text => text?.slice(0, -501))).toEqual(keys)
  }
  expect(lines).toEqual([])
})

test('two processes may have the same file', async () => {
  const [one, other] = [await open(), await open()]
  await Promise.all([one.setMany([entry('a', '1')]), other.setMany([entry('b', '2')])])
  expect(await one.getMany(['a', 'b'])).toEqual(['1', '2'])
  expect(await other.getMany(['a', 'b'])).toEqual(['1', '2'])
})

test('nobody but its owner may read it', async () => {
  await (await open()).setMany([entry('a', '1')])
  for (const name of [path, `${path}-wal`]) expect(statSync(name).mode & 0o777).toBe(0o600)
})

describe('the bound', () => {
  test('holds for the file, and what was written first goes first', async () => {
    const storage = await open(MIB)
    await fill(storage, 2_000)
    await storage.disconnect()
    expect(statSync(path).size).toBeLessThanOrEqual(MIB)
    const kept = await (await reopen(MIB)).getMany(Array.from({ length: 2_000 }, (_, n) => String(n)))
    const first = kept.findIndex(text => text !== undefined)
    expect(first).toBeGreaterThan(0)
    expect(first).toBeLessThan(1_900)
    expect(kept.slice(first).every(text => text !== undefined)).toBe(true)
  })

  test('holds for a file that was larger before', async () => {
    await fill(await open(4 * MIB), 2_000)
    await reopen(MIB)
    await Promise.all(opened.splice(0).map(storage => storage.disconnect()))
    expect(statSync(path).size).toBeLessThanOrEqual(MIB)
    expect(await (await open(MIB)).getMany(['1999'])).toEqual([expect.any(String)])
  })

  test('takes from whoever holds most: what one partner read stays, however much another reads', async () => {
    const storage = await open(MIB)
    await storage.setMany([entry('quiet', 'x'.repeat(1_000), 3_600_000, BETA)])
    await fill(storage, 2_000)
    expect((await storage.getMany(['quiet', '0'])).map(text => text?.length)).toEqual([1_000, undefined])
    // What is replaced, by whomever, is held by nobody any more.
    for (let n = 0; n < 3; n++) await storage.setMany([entry('quiet', 'y', 3_600_000, n % 2 === 0 ? ALPHA : BETA)])
    const rows = new DatabaseSync(path)
    const sums = (from: string) => rows.prepare(`SELECT holder, sum(bytes) AS bytes FROM ${from} GROUP BY holder`).all()
    expect(sums('holders')).toEqual(sums('kept'))
    rows.close()
  })

  test('keeps out a text that would push out half of the others', async () => {
    const storage = await open(MIB)
    expect(await storage.setMany([entry('large', 'x'.repeat(MIB / 2)), entry('a', '1')])).toEqual([false, true])
  })

  test('gives room back once the time of a text is over', async () => {
    const storage = await open(MIB)
    await storage.setMany([entry('brief', '1', 1), entry('long', '1')])
    await setTimeout(5)
    await storage.setMany([entry('a', '1')])
    expect(await storage.getMany(['brief', 'long'])).toEqual([undefined, '1'])
  })
})

describe('the thread of the file', () => {
  /** More than its heap may hold. */
  const deadly = (storage: TextStorage) => storage.getMany(Array(3_000_000).fill('x'.repeat(40)))
  const justEnough = { mostWaiting: 3_000_001 }

  test('that dies takes down nothing but what it was asked, and the next that is asked has another', async () => {
    const storage = await open(4 * MIB, { ...justEnough, restartMs: 0 })
    await storage.setMany([entry('a', '1')])
    const outcomes = await Promise.allSettled([deadly(storage), storage.getMany(['a'])])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await storage.getMany(['a'])).toEqual(['1'])
    expect(lines).toMatchObject([{ level: 'error', message: 'what was known last cannot be read or kept for now' }])
  })

  test('is not begun again and again: until then the file is away', async () => {
    const storage = await open(4 * MIB, justEnough)
    await expect(deadly(storage)).rejects.toThrow()
    await expect(storage.getMany(['a'])).rejects.toThrow('away')
  })

  test('is asked for no more than a bound before it has answered', async () => {
    const storage = await open(4 * MIB, { mostWaiting: 10 })
    const keys = (count: number) => Array.from({ length: count }, (_, n) => String(n))
    const asked = [storage.getMany(keys(6)), storage.getMany(keys(4)), storage.getMany(['0'])]
    expect((await Promise.allSettled(asked)).map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
    ])
    expect(await storage.getMany(keys(10))).toHaveLength(10)
  })

  test('holds up nobody who closes it while it waits for the file', async () => {
    const storage = await open()
    const other = new DatabaseSync(path)
    other.exec('BEGIN IMMEDIATE')
    // Each waits a second for the file.
    const writes = Array.from({ length: 20 }, (_, n) => storage.setMany([entry(String(n), '1')]))
    const settled = Promise.allSettled(writes)
    expect(
      await Promise.race([storage.disconnect().then(() => 'closed'), setTimeout(10_000, 'waits', { ref: false })]),
    ).toBe('closed')
    other.close()
    expect((await settled).at(-1)?.status).toBe('rejected')
  })
})

describe('a file that is damaged', () => {
  const moved = { level: 'warn', message: 'what was known last was damaged; it was moved aside and begun anew' }

  test.each([
    ['is no database', () => writeFileSync(path, 'x'.repeat(10_000))],
    ['is cut', () => truncateSync(path, 6_000)],
    ['is of another format', () => writeAt(60, [0, 0, 0, 9])],
    ['has other bytes in it', () => writeAt(4_096, Array(40_000).fill(0x41))],
  ])('since it %s is moved aside and begun anew, with one line in the log', async (_, damage) => {
    await fill(await open(), 500)
    await Promise.all(opened.splice(0).map(storage => storage.disconnect()))
    damage()
    const storage = await open()
    await storage.getMany(Array.from({ length: 500 }, (_, n) => String(n)))
    expect(await storage.setMany([entry('a', '1')])).toEqual([true])
    expect(await storage.getMany(['a', '1'])).toEqual(['1', undefined])
    expect(lines).toMatchObject([{ ...moved, fields: { file: path, movedTo: `${path}.damaged` } }])
    expect(readFileSync(`${path}.damaged`).length).toBeGreaterThan(0)
  })

  function writeAt(position: number, bytes: readonly number[]): void {
    const file = openSync(path, 'r+')
    writeSync(file, Buffer.from(bytes), 0, bytes.length, position)
    closeSync(file)
  }
})
