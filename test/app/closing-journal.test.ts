import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { TRIGGERS } from '../../src/recovery/journal/schema.ts'
import { intrusionFact } from '../support/opening.ts'
import { describeOnSite, restartOf } from '../support/site.ts'
import { code, lastEntry, PARTS, type Pair, reopen, revisionIn, startPair, until } from './closing.ts'

/** Systems that close because of what becomes of the journal: it is away, or is no longer what was written into it. */

const POLICY = { journalSilenceSeconds: 10 }

describeOnSite('the journal of a system that is open', () => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair({ policy: POLICY })
  })
  afterAll(() => pair?.site.stop())
  beforeEach(async () => {
    if (pair.first.lifecycle(PARTS) === 'SUSPENDED') await reopen(pair)
    await until(() => pair.second.lifecycle(PARTS) === 'OPEN')
  })

  test('the journal out of reach beyond its bound closes everything, and stays closed when it is back', async () => {
    const { site, first, second } = pair
    const superuser = await site.superuser()
    await superuser.query('ALTER ROLE journal_writer NOLOGIN')
    await superuser.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'journal_writer'")
    await until(() => restartOf(first.app).health().condition === 'OUT_OF_REACH')
    expect(await code(first)).toBe('ANSWERED')
    await until(() => first.lifecycle(PARTS) === 'SUSPENDED' && second.lifecycle(PARTS) === 'SUSPENDED', 15_000)
    expect(await code(first)).toBe('SYSTEM_NOT_OPEN')
    await superuser.query('ALTER ROLE journal_writer LOGIN')
    await until(() => first.app.recovery.current().state.systems[PARTS].suspension?.recorded === true)
    expect(await lastEntry(first)).toMatchObject({ cause: 'JOURNAL_OUT_OF_REACH' })
    expect([await code(first), await code(second)]).toEqual(['SYSTEM_NOT_OPEN', 'SYSTEM_NOT_OPEN'])
    await superuser.end()
  })

  test('what an instance has closed while the journal was away stays closed when it is started again', async () => {
    const { site, first, second } = pair
    await second.close()
    const superuser = await site.superuser()
    await superuser.query('ALTER ROLE journal_writer NOLOGIN')
    await superuser.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'journal_writer'")
    restartOf(first.app).closeSystem(PARTS, { cause: 'FOREIGN_ROWS', reason: 'part gave 1 row of another owner' })
    await first.close()
    await superuser.query('ALTER ROLE journal_writer LOGIN')
    await superuser.end()
    const again = await site.start({ policy: POLICY })
    expect(again.lifecycle(PARTS)).toBe('SUSPENDED')
    await until(() => again.app.recovery.current().state.systems[PARTS].suspension?.recorded === true)
    expect(await lastEntry(again)).toMatchObject({ cause: 'FOREIGN_ROWS' })
    pair = { site, first: again, second: again }
  })

  test('a journal that was tampered with opens nothing at the next start, takes no statement, and says where', async () => {
    const { site } = pair
    expect(pair.first.lifecycle(PARTS)).toBe('OPEN')
    const superuser = await site.superuser()
    await superuser.query('ALTER TABLE recovery_journal.entry DISABLE TRIGGER USER')
    await superuser.query(
      "UPDATE recovery_journal.entry SET acceptance = replace(acceptance, 'PASSED', 'FAILED') WHERE sequence = 3",
    )
    for (const trigger of TRIGGERS)
      await superuser.query(`ALTER TABLE recovery_journal.entry ENABLE ALWAYS TRIGGER ${trigger}`)
    await superuser.end()
    const third = await site.start()
    expect(third.lifecycle(PARTS)).toBe('ISOLATED')
    expect(restartOf(third.app).health()).toMatchObject({
      condition: 'NOT_VERIFIED',
      problem: expect.stringContaining('journal entry 3'),
    })
    const token = await site.sign('incident-fact', intrusionFact(revisionIn(pair.first) + 1))
    await expect(third.submit(token)).rejects.toMatchObject({ code: 'JOURNAL_NOT_VERIFIED' })
  })
})
