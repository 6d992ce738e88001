import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { appendCheckpoint } from '../../../src/recovery/journal/checkpoint-file.ts'
import { ClockProblem } from '../../../src/recovery/journal/clock-problem.ts'
import { createEmbeddedJournalStore, installEmbeddedJournal } from '../../../src/recovery/journal/embedded-store.ts'
import type { Journal } from '../../../src/recovery/journal/journal.ts'
import { openJournal } from '../../../src/recovery/journal/open-journal.ts'
import { PAGE_ROWS } from '../../../src/recovery/journal/reading.ts'
import type { JournalRow, JournalStore } from '../../../src/recovery/journal/store.ts'
import { quietLog } from '../../connectors/quiet-log.ts'
import { openPglite } from '../../support/pglite.ts'
import {
  createSampleKey,
  createSampleKeys,
  ringOf,
  rowAfter,
  type SampleKeys,
  START_MS,
  sampleRows,
  sampleStatement,
} from './sample.ts'

const OPTIONS = { schema: 'journal', role: 'journal_writer' }
const TABLE = '"journal".entry'

describe('the journal', () => {
  let directory: string
  let pglite: PGlite
  let sample: SampleKeys
  let store: JournalStore
  let nowMs: number

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-journal-'))
    pglite = await openPglite()
    sample = await createSampleKeys()
  })

  afterAll(async () => {
    await pglite.close()
    await rm(directory, { recursive: true })
  })

  beforeEach(async () => {
    await pglite.exec('DROP SCHEMA IF EXISTS "journal" CASCADE')
    await installEmbeddedJournal(pglite, OPTIONS)
    store = createEmbeddedJournalStore(pglite, OPTIONS)
    nowMs = START_MS
  })

  interface Opening {
    readonly file?: string | null
    readonly over?: Partial<JournalStore>
    readonly as?: Partial<SampleKeys>
  }

  const open = ({ file = null, over = {}, as = {} }: Opening = {}): Promise<Journal> =>
    openJournal({
      store: { ...store, ...over },
      key: (as.gateway ?? sample.gateway).key,
      keys: as.keys ?? sample.keys,
      clock: { now: () => nowMs },
      checkpoints: { file },
      log: quietLog(),
    })

  const statement = (title = 'Update') => sampleStatement(sample.herald, title)

  async function write(count: number): Promise<readonly JournalRow[]> {
    const rows = await sampleRows(count, sample)
    for (const row of rows) await store.append(row)
    return rows
  }

  /** As a superuser who first removes what is in the way. */
  const tamper = (sql: string) => pglite.exec(`ALTER TABLE ${TABLE} DISABLE TRIGGER ALL; ${sql}`)

  async function checkpointOf(journal: Journal, name: string): Promise<string> {
    const file = join(directory, name)
    const token = await journal.checkpoint()
    if (token === null) throw new Error('an empty journal')
    await appendCheckpoint(file, token)
    return file
  }

  test('is empty at first, and gives what is appended to every instance that catches up', async () => {
    const [here, there] = await Promise.all([open(), open()])
    expect(await here.catchUp()).toEqual([])
    expect(here.head()).toMatchObject({ journal: '', sequence: 0, recordedAt: null })
    expect(await here.checkpoint()).toBeNull()
    const guards = [{ guard: 'TWO_ATTESTATIONS', outcome: 'PASSED', reason: 'two', code: 'RC.RP-05' }] as const
    const update = await statement()
    expect(await here.append(update, guards)).toBe('appended')
    const [entry] = await there.catchUp()
    expect(entry).toMatchObject({
      sequence: 1,
      recordedAt: new Date(START_MS).toISOString(),
      statement: update,
      guards,
    })
    expect(await here.catchUp()).toEqual([entry])
    expect(await here.catchUp()).toEqual([])
    expect(here.head()).toEqual(there.head())
    expect(here.head()).toEqual({ journal: entry?.hash, sequence: 1, hash: entry?.hash, recordedAt: entry?.recordedAt })
  })

  test('appends only on the head that its caller has read and judged on', async () => {
    const [here, there] = await Promise.all([open(), open()])
    expect(await here.append(await statement(), [])).toBe('behind')
    await Promise.all([here.catchUp(), there.catchUp()])
    const first = await statement()
    expect(await here.append(first, [], 0)).toBe('appended')
    expect(await here.append(await statement(), [])).toBe('behind')
    expect(await there.append(await statement(), [])).toBe('behind')
    await Promise.all([here.catchUp(), there.catchUp()])
    expect(await there.append(await statement(), [], 0)).toBe('behind')
    expect(await there.append(first, [], 1)).toBe('replayed')
    expect(await there.append(await statement(), [], 1)).toBe('appended')
  })

  test('never records an entry earlier than the one before, though the clock be moved back', async () => {
    const journal = await open()
    const times: string[] = []
    for (const now of [START_MS, START_MS - 60_000, START_MS + 1]) {
      nowMs = now
      await journal.catchUp()
      expect(await journal.append(await statement(), [])).toBe('appended')
      times.push((await journal.rows(times.length, 1))[0]?.recordedAt ?? '')
    }
    expect(times).toEqual([START_MS, START_MS, START_MS + 1].map(ms => new Date(ms).toISOString()))
    expect(await (await open()).catchUp()).toHaveLength(3)
  })

  test('is not written to by an instance whose clock is more than a minute behind it', async () => {
    const journal = await open()
    await journal.catchUp()
    expect(await journal.append(await statement(), [])).toBe('appended')
    await journal.catchUp()
    nowMs = START_MS - 60_001
    const refused = journal.append(await statement(), [])
    await expect(refused).rejects.toThrow(ClockProblem)
    await expect(refused).rejects.toThrow(
      'the clock of this instance is 60 s behind the last entry of the journal, of 2025-09-02T06:00:00.000Z; correct it',
    )
    expect(await journal.catchUp()).toEqual([])
    nowMs = START_MS
    expect(await journal.append(await statement(), [])).toBe('appended')
  })

  test('is not put forward by an instance whose clock is years ahead: the others write on at their own time', async () => {
    const [wrong, right] = await Promise.all([open(), open()])
    nowMs = Date.now() + 10 * 365 * 86_400_000
    await Promise.all([wrong.catchUp(), right.catchUp()])
    await expect(wrong.append(await statement(), [])).rejects.toThrow(ClockProblem)
    nowMs = START_MS
    expect(await right.append(await statement(), [])).toBe('appended')
    await right.catchUp()
    expect(right.head().recordedAt).toBe(new Date(START_MS).toISOString())
  })

  test('says how far the clock of its store is from that of the instance', async () => {
    nowMs = Date.now() - 3_600_000
    const offsetMs = await (await open()).clockOffsetMs()
    expect(Math.abs(offsetMs - 3_600_000)).toBeLessThan(5_000)
  })

  test('is read to its end over many pages, and loses nothing where a read between them fails', async () => {
    const rows = await write(PAGE_ROWS + 3)
    let isFailing = true
    const read: JournalStore['read'] = async (after, limit) => {
      if (isFailing && after > 0) throw new Error('out of reach')
      return store.read(after, limit)
    }
    const journal = await open({ over: { read } })
    await expect(journal.catchUp()).rejects.toThrow('out of reach')
    expect(journal.head().sequence).toBe(0)
    expect(await journal.append(await statement(), [])).toBe('behind')
    expect(await journal.checkpoint()).toBeNull()
    isFailing = false
    const entries = await journal.catchUp()
    expect(entries.map(({ sequence, hash }) => ({ sequence, hash }))).toEqual(
      rows.map(({ sequence, hash }) => ({ sequence, hash })),
    )
  })

  test('tells its followers of appends by any instance', async () => {
    const [here, there] = await Promise.all([open(), open()])
    await here.catchUp()
    const told = Promise.withResolvers<void>()
    const stop = there.onAppend(told.resolve)
    await here.append(await statement(), [])
    await told.promise
    stop()
  })

  test.each([
    ["UPDATE %t SET recorded_at = '2025-09-02T06:00:02.001Z' WHERE sequence = 2", 2, 'it is not what was hashed'],
    ["UPDATE %t SET acceptance = replace(acceptance, 'The', 'A') WHERE sequence = 3", 3, 'it is not what was hashed'],
    ['UPDATE %t SET seal = (SELECT seal FROM %t WHERE sequence = 1) WHERE sequence = 2', 2, 'its seal does not hold'],
    ['DELETE FROM %t WHERE sequence = 2', 2, 'it is missing; the next is entry 3'],
    ['DELETE FROM %t WHERE sequence = 1', 1, 'it is missing; the next is entry 2'],
    [
      'ALTER TABLE %t ALTER statement DROP NOT NULL; UPDATE %t SET statement = NULL WHERE sequence = 1',
      1,
      'not what was hashed',
    ],
  ])('does not verify after %s, says where, and stays so', async (sql, sequence, problem) => {
    await write(4)
    await tamper(sql.replaceAll('%t', TABLE))
    const journal = await open()
    await expect(journal.catchUp()).rejects.toMatchObject({ name: 'JournalFault', sequence })
    await expect(journal.catchUp()).rejects.toThrow(problem)
    await expect(journal.append(await statement(), [])).rejects.toThrow(problem)
    await expect(journal.checkpoint()).rejects.toThrow(problem)
  })

  test.each([
    ["UPDATE %t SET seal = seal || ' ' WHERE sequence = 3", 3],
    ['DELETE FROM %t WHERE sequence = 3', 3],
    ['DELETE FROM %t', 3],
    [
      'ALTER TABLE %t DROP CONSTRAINT entry_pkey, DROP CONSTRAINT entry_hash_key, DROP CONSTRAINT entry_statement_id_key; INSERT INTO %t SELECT * FROM %t WHERE sequence = 3',
      4,
    ],
  ])('that is being followed notices at the next look: %s', async (sql, sequence) => {
    await write(3)
    const journal = await open()
    expect(await journal.catchUp()).toHaveLength(3)
    await tamper(sql.replaceAll('%t', TABLE))
    await expect(journal.catchUp()).rejects.toMatchObject({ name: 'JournalFault', sequence })
  })

  test('a tail that was cut while nobody looked is missed against the last checkpoint', async () => {
    await write(5)
    const journal = await open()
    await journal.catchUp()
    const file = await checkpointOf(journal, 'cut.jwt')
    expect(await (await open({ file })).catchUp()).toHaveLength(5)
    await tamper(`DELETE FROM ${TABLE} WHERE sequence > 3`)
    const fault = 'journal entry 4: the journal ends at 3, but the checkpoint of 2025-09-02T06:00:00.000Z has 5 entries'
    const after = await open({ file })
    await expect(after.catchUp()).rejects.toThrow(fault)
    await expect(after.catchUp()).rejects.toThrow(fault)
    await tamper(`DELETE FROM ${TABLE}`)
    await expect((await open({ file })).catchUp()).rejects.toThrow('journal entry 1: the journal ends at 0')
  })

  test('that was restored too short is whole again with its missing rows, or with its checkpoints moved aside', async () => {
    const rows = await write(5)
    const journal = await open()
    await journal.catchUp()
    const file = await checkpointOf(journal, 'restored.jwt')
    await tamper(`DELETE FROM ${TABLE} WHERE sequence > 3`)
    await installEmbeddedJournal(pglite, OPTIONS)
    await expect((await open({ file })).catchUp()).rejects.toThrow('but the checkpoint of')
    await expect(journal.catchUp()).rejects.toThrow('journal entry 5: it has changed or vanished since it was read')

    await rename(file, `${file}.aside`)
    expect(await (await open({ file })).catchUp()).toHaveLength(3)

    await rename(`${file}.aside`, file)
    for (const row of rows.slice(3)) expect(await store.append(row)).toBe('appended')
    expect(await (await open({ file })).catchUp()).toHaveLength(5)
  })

  test('another journal under genuine seals is not the one of the checkpoint', async () => {
    await write(3)
    const journal = await open()
    await journal.catchUp()
    const file = await checkpointOf(journal, 'other.jwt')
    await tamper(`DELETE FROM ${TABLE}`)
    let last: JournalRow | null = null
    for (let count = 0; count < 3; count += 1) {
      last = rowAfter(last, await statement(), sample.gateway)
      await store.append(last)
    }
    await expect((await open({ file })).catchUp()).rejects.toThrow('journal entry 1: it begins another journal')
  })

  test('another end under genuine seals is not the one of the checkpoint', async () => {
    const rows = await write(3)
    const journal = await open()
    await journal.catchUp()
    const file = await checkpointOf(journal, 'end.jwt')
    await tamper(`DELETE FROM ${TABLE} WHERE sequence = 3`)
    await store.append(rowAfter(rows[1] ?? null, await statement('Another'), sample.gateway))
    await expect((await open({ file })).catchUp()).rejects.toThrow(
      'journal entry 3: the entries up to here are not the 3',
    )
  })

  test('a checkpoint file that holds no genuine checkpoint stops the journal', async () => {
    const rogue = await createSampleKey('GATEWAY')
    const journal = await open({ as: { gateway: rogue, keys: ringOf(rogue, sample.gateway, sample.herald) } })
    await write(1)
    await journal.catchUp()
    const file = await checkpointOf(journal, 'rogue.jwt')
    await expect((await open({ file })).catchUp()).rejects.toThrow(
      `the last checkpoint in ${file} is signed with a key that`,
    )
    const garbage = join(directory, 'garbage.jwt')
    await writeFile(garbage, 'garbage\n')
    await expect((await open({ file: garbage })).catchUp()).rejects.toThrow('is no checkpoint of a journal')
  })

  test('is not opened with a key that is no gateway’s, and writes nothing that it could not follow', async () => {
    const { herald, gateway } = sample
    await expect(open({ as: { gateway: herald } })).rejects.toThrow(
      `${herald.key.keyId} is not in the key file with the role GATEWAY`,
    )
    const withdrawn = ringOf({ pinned: { ...gateway.pinned, withdrawn_at: '2025-09-01T00:00:00Z' } }, herald)
    const journal = await open({ as: { keys: withdrawn } })
    await journal.catchUp()
    await expect(journal.append(await statement(), [])).rejects.toThrow(
      'nothing can be added to the journal: it is sealed',
    )
    expect(await journal.rows(0, 10)).toEqual([])
  })
})
