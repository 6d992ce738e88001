import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ClockProblem } from '../../../src/recovery/journal/clock-problem.ts'
import { JOURNAL_DDL } from '../../../src/recovery/journal/schema.ts'
import type { JournalRow, JournalStore } from '../../../src/recovery/journal/store.ts'
import { createSampleKeys, rowAfter, type SampleKeys, sampleStatement, sealed } from './sample.ts'

/** What every store of the journal must do; one suite for the server and the embedded one. */
export interface StoreUnderTest {
  /** Opens another instance's store on the same journal, as the role of the journal. */
  open(): JournalStore
  /** Runs SQL as that role, outside of the store. */
  asRole(sql: string): Promise<unknown>
  /** Runs SQL as the owner of the database. */
  asOwner(sql: string): Promise<unknown>
  dispose(): Promise<void>
}

export const SCHEMA = 'journal'
export const ROLE = 'journal_writer'
const TABLE = `"${SCHEMA}".entry`

export function describeStore(name: string, prepare: () => Promise<StoreUnderTest>): void {
  describe(`the journal's store ${name}`, () => {
    let under: StoreUnderTest
    let keys: SampleKeys
    let a: JournalStore
    let b: JournalStore

    beforeAll(async () => {
      under = await prepare()
      keys = await createSampleKeys()
      a = under.open()
      b = under.open()
    })

    afterAll(async () => {
      await Promise.all([a?.close(), b?.close()])
      await under?.dispose()
    })

    const lastRow = async (): Promise<JournalRow | null> => (await a.read(0, 1_000)).at(-1) ?? null
    const statement = () => sampleStatement(keys.herald, 'Update')
    const nextRow = async () => rowAfter(await lastRow(), await statement(), keys.gateway)

    test('gives rows back exactly as they were appended, in order, from anywhere', async () => {
      const rows: JournalRow[] = []
      const before = (await lastRow())?.sequence ?? 0
      for (let count = 0; count < 4; count += 1) {
        const row = await nextRow()
        expect(await a.append(row)).toBe('appended')
        rows.push(row)
      }
      expect(await b.read(before, 100)).toEqual(rows)
      expect(await b.read(before + 1, 2)).toEqual(rows.slice(1, 3))
      expect(await b.read(before + 4, 100)).toEqual([])
      expect(await b.browse(before, 100)).toEqual(rows)
      expect(await b.browse(before + 1, 2)).toEqual(rows.slice(1, 3))
    })

    test('lets exactly one of two appenders have each sequence', async () => {
      for (let count = 0; count < 20; count += 1) {
        const last = await lastRow()
        const rivals = await Promise.all([statement(), statement()])
        const [mine, theirs] = rivals.map(rival => rowAfter(last, rival, keys.gateway))
        if (!mine || !theirs) throw new Error('two rows')
        const outcomes = await Promise.all([a.append(mine), b.append(theirs)])
        expect([...outcomes].sort()).toEqual(['appended', 'taken'])
        expect(await lastRow()).toEqual(outcomes[0] === 'appended' ? mine : theirs)
      }
    })

    test('has each statement once', async () => {
      const row = await nextRow()
      expect(await a.append(row)).toBe('appended')
      expect(await b.append({ ...(await nextRow()), statementId: row.statementId })).toBe('replayed')
      expect(await lastRow()).toEqual(row)
    })

    test('takes no row that does not follow the last: the appender is to read on', async () => {
      const last = await lastRow()
      const row = await nextRow()
      expect(await a.append({ ...row, sequence: row.sequence + 1 })).toBe('taken')
      expect(await a.append({ ...row, previousHash: 'f'.repeat(64) })).toBe('taken')
      await expect(a.append({ ...row, sequence: 0 })).rejects.toThrow('SQLSTATE 23514')
      expect(await lastRow()).toEqual(last)
    })

    describe('takes no row whose time would poison the journal:', () => {
      const recordedAt = async (at: string) => sealed({ ...(await nextRow()), recordedAt: at }, keys.gateway.key)
      const inMs = (ms: number) => new Date(Date.now() + ms).toISOString()

      test.each([61, 3_600, 10 * 365 * 86_400])('one of %d s ahead of the database, who is told so', async seconds => {
        const last = await lastRow()
        const refused = a.append(await recordedAt(inMs(seconds * 1_000 + 500)))
        await expect(refused).rejects.toThrow(ClockProblem)
        await expect(refused).rejects.toThrow(
          new RegExp(`^the clock of this instance is ${seconds}\\d* s ahead of the database's; correct it$`),
        )
        expect(await lastRow()).toEqual(last)
      })

      test('nor one whose clock is wrong where another was first: that is to be corrected, not read on', async () => {
        const last = await lastRow()
        const row = await recordedAt(inMs(3_600_000))
        await expect(a.append({ ...row, sequence: last?.sequence ?? 1 })).rejects.toThrow(ClockProblem)
      })

      test.each([
        '',
        'now',
        'tomorrow',
        'infinity',
        '-infinity',
        '2025-09-02',
        '2025-09-02T06:00:00Z',
        '2025-09-02T06:00:00.000+01:00',
        '2025-13-02T06:00:00.000Z',
        '2025-02-30T06:00:00.000Z',
        '0000-01-01T00:00:00.000Z',
        '+275760-09-13T00:00:00.000Z',
        ' 2025-09-02T06:00:00.000Z',
        '2025-09-02T06:00:00.000Z\n',
      ])('one recorded at %j', async at => {
        const last = await lastRow()
        await expect(a.append(await recordedAt(at))).rejects.toThrow(/SQLSTATE (23514|22008)/)
        expect(await lastRow()).toEqual(last)
      })
    })

    test('takes a row of up to a minute ahead: clocks are never quite the same', async () => {
      const row = await nextRow()
      const recordedAt = new Date(Date.now() + 55_000).toISOString()
      // As the last of the rows that the test is about: those that follow are recorded earlier, which is not the store's to judge.
      expect(await a.append(sealed({ ...row, recordedAt }, keys.gateway.key))).toBe('appended')
    })

    test.each([0, 7_200_000, -7_200_000])('tells how far a clock that is %d ms off is from its own', async offMs => {
      const offsetMs = await a.clockOffsetMs({ now: () => Date.now() + offMs })
      expect(Math.abs(offsetMs + offMs)).toBeLessThan(5_000)
    })

    test('wakes the other instances when a row was appended, and no longer once they have ended it', async () => {
      let woken = Promise.withResolvers<void>()
      const stop = await b.subscribe(() => woken.resolve())
      woken = Promise.withResolvers()
      await a.append(await nextRow())
      await woken.promise
      await stop()
      let calls = 0
      const still = Promise.withResolvers<void>()
      const stopOther = await b.subscribe(() => {
        calls += 1
      })
      await stopOther()
      calls = 0
      const stopLast = await b.subscribe(still.resolve)
      await a.append(await nextRow())
      await still.promise
      await stopLast()
      expect(calls).toBe(0)
    })

    test('proves that its role can only read and append, and leaves nothing behind', async () => {
      const before = await a.read(0, 1_000)
      await a.prove()
      expect(await a.read(0, 1_000)).toEqual(before)
    })

    test('is not proven where what refuses changes was switched off', async () => {
      await under.asOwner(`ALTER TABLE ${TABLE} DISABLE TRIGGER entry_keeps_rows`)
      await expect(a.prove()).rejects.toThrow('are missing or disabled')
      await under.asOwner(`ALTER TABLE ${TABLE} ENABLE ALWAYS TRIGGER entry_keeps_rows`)
      await under.asOwner(`GRANT UPDATE ON ${TABLE} TO "${ROLE}"`)
      await a.prove()
      await under.asOwner(`REVOKE UPDATE ON ${TABLE} FROM "${ROLE}"; REVOKE INSERT ON ${TABLE} FROM "${ROLE}"`)
      await expect(a.prove()).rejects.toThrow('the journal cannot be added to')
      await under.asOwner(`GRANT INSERT ON ${TABLE} TO "${ROLE}"`)
      await a.prove()
    })

    test('is not proven where the table takes entries from the future, until its SQL was run again', async () => {
      const body = 'LANGUAGE plpgsql AS $body$ BEGIN RETURN NEW; END $body$'
      await under.asOwner(`CREATE OR REPLACE FUNCTION "${SCHEMA}".require_next() RETURNS trigger ${body}`)
      await expect(a.prove()).rejects.toThrow('the database takes entries from the future')
      await under.asOwner(JOURNAL_DDL(SCHEMA, ROLE))
      await a.prove()
    })

    test.each([
      `UPDATE ${TABLE} SET seal = ''`,
      `DELETE FROM ${TABLE}`,
      `TRUNCATE ${TABLE}`,
      `DROP TABLE ${TABLE}`,
      `ALTER TABLE ${TABLE} DISABLE TRIGGER ALL`,
      `INSERT INTO ${TABLE} SELECT * FROM ${TABLE} ON CONFLICT (sequence) DO UPDATE SET seal = ''`,
      `CREATE TABLE "${SCHEMA}".other ()`,
      'SET session_replication_role = replica',
    ])('its role may not: %s', async sql => {
      const before = await a.read(0, 1_000)
      await expect(under.asRole(sql)).rejects.toMatchObject({ code: '42501' })
      expect(await a.read(0, 1_000)).toEqual(before)
    })

    test.each([
      `UPDATE ${TABLE} SET seal = ''`,
      `DELETE FROM ${TABLE}`,
      `TRUNCATE ${TABLE}`,
      `SET LOCAL session_replication_role = replica; DELETE FROM ${TABLE}`,
    ])('its triggers refuse the owner too: %s', async sql => {
      const before = await a.read(0, 1_000)
      await expect(under.asOwner(sql)).rejects.toThrow('the journal is append-only')
      expect(await a.read(0, 1_000)).toEqual(before)
    })
  })
}
