import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createChain } from '../../../src/recovery/journal/chain.ts'
import { readCheckpoint, signCheckpoint, verifyCheckpoint } from '../../../src/recovery/journal/checkpoint.ts'
import { appendCheckpoint, readLastCheckpoint } from '../../../src/recovery/journal/checkpoint-file.ts'
import { createCheckpointing } from '../../../src/recovery/journal/checkpointing.ts'
import type { JournalRow } from '../../../src/recovery/journal/store.ts'
import { type LogLine, quietLog } from '../../connectors/quiet-log.ts'
import {
  createSampleKey,
  createSampleKeys,
  linesOf,
  ringOf,
  rowAfter,
  type SampleKeys,
  START_MS,
  sampleRows,
  sampleStatement,
} from './sample.ts'

let directory: string
let sample: SampleKeys
let rows: readonly JournalRow[]

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-checkpoints-'))
  sample = await createSampleKeys()
  rows = await sampleRows(30, sample)
})

afterAll(() => rm(directory, { recursive: true }))

/** A journal that stands at some of the rows, and is read on by the test. */
function journalOf(all: readonly JournalRow[]) {
  const chain = createChain({ keys: sample.keys, checkpoint: null })
  return {
    /** How often somebody has looked at its head. */
    looks: 0,
    head() {
      this.looks += 1
      return chain.head()
    },
    rows: async (after: number, limit: number) => all.slice(after, after + limit),
    async checkpoint() {
      const checkpoint = chain.checkpoint(new Date(START_MS).toISOString())
      return checkpoint && signCheckpoint(checkpoint, sample.gateway.key)
    },
    readTo(size: number) {
      for (const row of all.slice(chain.head().sequence, size)) expect(chain.follow(row)).toBeNull()
    },
  }
}

function checkpointingOf(name: string, journal: ReturnType<typeof journalOf>, lines: LogLine[] = []) {
  const file = join(directory, name)
  const clock = { nowMs: START_MS, now: () => clock.nowMs }
  const options = { journal, file, everyEntries: 10, everySeconds: 60, clock, log: quietLog(lines) }
  const checkpointing = createCheckpointing(options)
  const sizes = async () => (await linesOf(file)).map(line => readCheckpoint(line).size)
  return { checkpointing, file, clock, sizes, options }
}

describe('checkpoints', () => {
  test('are exported after so many entries, and what is left over at the end', async () => {
    const journal = journalOf(rows)
    const { checkpointing, sizes, file } = checkpointingOf('entries.jwt', journal)
    for (const size of [4, 9, 10, 12, 20, 23]) {
      journal.readTo(size)
      const { looks } = journal
      checkpointing.note()
      while (journal.looks === looks) await new Promise(setImmediate)
      while (size % 10 === 0 && !(await sizes()).includes(size)) await new Promise(setImmediate)
    }
    await checkpointing.stop()
    expect(await sizes()).toEqual([10, 20, 23])
    for (const line of await linesOf(file)) await verifyCheckpoint(line, sample.keys)
  })

  test('are exported so long after the first entry that none covers', async () => {
    const journal = journalOf(rows)
    const first = checkpointingOf('seconds.jwt', journal)
    first.clock.nowMs += 1
    const eager = createCheckpointing({ ...first.options, everySeconds: 0.02 })
    journal.readTo(3)
    eager.note()
    while ((await readLastCheckpoint(first.file)) === null) {
      first.clock.nowMs += 20
      await new Promise(setImmediate)
    }
    await eager.stop()
    expect(await first.sizes()).toEqual([3])
  })

  test('say how long the first entry that none covers has waited, until one covers it', async () => {
    const journal = journalOf(rows)
    const { checkpointing, clock } = checkpointingOf('waiting.jwt', journal)
    expect(checkpointing.waitingMs()).toBe(0)
    journal.readTo(3)
    const { looks } = journal
    checkpointing.note()
    while (journal.looks === looks) await new Promise(setImmediate)
    for (const ms of [7_000, 20_000]) {
      clock.nowMs += ms
      journal.readTo(5)
      expect(checkpointing.waitingMs()).toBe(clock.nowMs - START_MS)
    }
    await checkpointing.stop()
    expect(checkpointing.waitingMs()).toBe(0)
  })

  test('are not repeated while nothing is new', async () => {
    const journal = journalOf(rows)
    const { checkpointing, sizes, options } = checkpointingOf('again.jwt', journal)
    journal.readTo(10)
    for (let count = 0; count < 5; count += 1) checkpointing.note()
    await checkpointing.stop()
    await createCheckpointing(options).stop()
    expect(await sizes()).toEqual([10])
  })

  test('of a journal that contradicts the last one are never written', async () => {
    const lines: LogLine[] = []
    const journal = journalOf(rows)
    const { checkpointing, file } = checkpointingOf('contradiction.jwt', journal)
    journal.readTo(5)
    checkpointing.note()
    await checkpointing.stop()
    const before = await readFile(file, 'utf8')
    const fork = rows.slice(0, 4)
    for (let number = 5; number <= 12; number += 1)
      fork.push(rowAfter(fork.at(-1) ?? null, await sampleStatement(sample.herald, 'Another'), sample.gateway))
    for (const otherRows of [await sampleRows(12, sample), fork]) {
      const other = journalOf(otherRows)
      other.readTo(12)
      await checkpointingOf('contradiction.jwt', other, lines).checkpointing.stop()
      expect(await readFile(file, 'utf8')).toBe(before)
    }
    const refusal = ['error', 'no checkpoint of the journal could be exported']
    expect(lines.map(({ level, message }) => [level, message])).toEqual([refusal, refusal])
    expect(String(lines[1]?.fields.error)).toContain('contradicts the last checkpoint')
  })

  test('are left to the instance that has read further, without an alarm, and written again once this one has', async () => {
    const lines: LogLine[] = []
    const [ahead, behind] = [journalOf(rows), journalOf(rows)]
    ahead.readTo(12)
    const first = checkpointingOf('shared.jwt', ahead)
    first.checkpointing.note()
    await first.checkpointing.stop()
    behind.readTo(11)
    const { options } = checkpointingOf('shared.jwt', behind, lines)
    await createCheckpointing(options).stop()
    // Its head is further than what it has a checkpoint of.
    const eager = createCheckpointing({
      ...options,
      everySeconds: 0.02,
      journal: { ...behind, head: () => ({ journal: '', sequence: 13, hash: '', recordedAt: null }) },
    })
    eager.note()
    await eager.stop()
    expect(await first.sizes()).toEqual([12])
    behind.readTo(23)
    await createCheckpointing(options).stop()
    expect(await first.sizes()).toEqual([12, 23])
    expect(lines.map(({ level }) => level)).toEqual(['debug'])
  })

  test('that cannot be written fail nobody, are logged once, and are tried again', async () => {
    const lines: LogLine[] = []
    const journal = journalOf(rows)
    journal.readTo(10)
    const { checkpointing, file, sizes } = checkpointingOf(join('missing', 'file.jwt'), journal, lines)
    for (const attempt of [1, 2]) {
      checkpointing.note()
      while (journal.looks < attempt) await new Promise(setImmediate)
    }
    await mkdir(dirname(file))
    await checkpointing.stop()
    expect(await sizes()).toEqual([10])
    expect(lines.map(({ level }) => level)).toEqual(['error', 'debug'])
  })

  test('count only from a gateway’s key that is in force, whole and unchanged', async () => {
    const journal = journalOf(rows)
    journal.readTo(3)
    const token = await journal.checkpoint()
    const head = readCheckpoint(token ?? '')
    const { gateway, herald, keys } = sample
    expect(await verifyCheckpoint(token ?? '', keys)).toEqual(head)
    const verify = (text: string, ring = keys) => verifyCheckpoint(text, ring)
    await expect(verify(await signCheckpoint(head, herald.key))).rejects.toThrow('signed by a COMMUNICATIONS_LEAD')
    await expect(verify(await signCheckpoint(head, (await createSampleKey('GATEWAY')).key))).rejects.toThrow(
      'not in the key file',
    )
    const withdrawn = ringOf({ pinned: { ...gateway.pinned, withdrawn_at: '2025-09-01T00:00:00Z' } })
    await expect(verify(token ?? '', withdrawn)).rejects.toThrow('was withdrawn at 2025-09-01')
    const [header = '', , signature] = (token ?? '').split('.')
    const larger = Buffer.from(
      JSON.stringify({ journal: head.journal, size: 4, root: head.root, head: head.head, iat: 1 }),
    )
    await expect(verify(`${header}.${larger.toString('base64url')}.${signature}`)).rejects.toThrow(
      'signature that does not hold',
    )
    const [row] = rows
    await expect(verify(row?.statement ?? '')).rejects.toThrow('is no checkpoint of a journal')
    for (const text of ['', '..', 'a.b.c', '{}']) await expect(verify(text)).rejects.toThrow('is no checkpoint')
  })
})

describe('the file of checkpoints', () => {
  test('has none where it is not there or empty, and the newest last', async () => {
    const file = join(directory, 'order.jwt')
    expect(await readLastCheckpoint(file)).toBeNull()
    await writeFile(file, '')
    expect(await readLastCheckpoint(file)).toBeNull()
    await appendCheckpoint(file, 'a.a.a')
    await appendCheckpoint(file, 'b.b.b')
    expect(await readLastCheckpoint(file)).toBe('b.b.b')
    expect(await readFile(file, 'utf8')).toBe('a.a.a\nb.b.b\n')
  })

  test('of several instances gives the checkpoint that covers most, in whichever order they wrote', async () => {
    const file = join(directory, 'several.jwt')
    const journal = journalOf(rows)
    const checkpointAt = async (size: number) => {
      journal.readTo(size)
      return (await journal.checkpoint()) ?? ''
    }
    const [early, late] = [await checkpointAt(10), await checkpointAt(20)]
    for (const line of [late, early]) await appendCheckpoint(file, line)
    expect(await readLastCheckpoint(file)).toBe(late)
    // What is no checkpoint is not passed over: whoever reads it refuses it.
    await appendCheckpoint(file, 'x.x.x')
    expect(await readLastCheckpoint(file)).toBe('x.x.x')
  })

  test('survives a line that was never finished', async () => {
    const file = join(directory, 'torn.jwt')
    await writeFile(file, 'a.a.a\nb.b')
    expect(await readLastCheckpoint(file)).toBe('a.a.a')
    await appendCheckpoint(file, 'c.c.c')
    expect(await readLastCheckpoint(file)).toBe('c.c.c')
  })

  test('that cannot be read is an error that names it', async () => {
    await expect(readLastCheckpoint(directory)).rejects.toThrow(
      `${directory}: the checkpoints of the journal cannot be read`,
    )
  })
})
