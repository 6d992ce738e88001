import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { SystemKey } from '../../src/model/system.ts'
import { TRIGGERS } from '../../src/recovery/journal/schema.ts'
import type { AnyRelation } from '../../src/systems/connector.ts'
import { createFaults, type Faults } from '../support/faults.ts'
import {
  attest,
  intrusionFact,
  limitedOpening,
  openSystem,
  RETAILER,
  registerPartner,
  transition,
} from '../support/opening.ts'
import { describeOnSite, type Instance, restartOf, type Site, startSite } from '../support/site.ts'

/** Systems that close, with everything real: signed statements, a PostgreSQL server with the journal, two instances on it. */

const PARTS: SystemKey = 'PARTS_LOGISTICS'
const BPNL = 'BPNL00000R000121'
const part = (partNumber: string) => ({ query: `{ part(partNumber: "${partNumber}") { partNumber description } }` })
const orderLines = (customerOrderId: string) => ({
  query: `{ partsOrderLines(first: 1, filter: { customerOrderId: "${customerOrderId}" }) { edges { cursor } } }`,
})

let site: Site
let faults: Faults
let first: Instance
let second: Instance

async function startBoth(policy: object = {}): Promise<void> {
  site = await startSite()
  faults = createFaults()
  // Reads are counted after an opening: those of the warm-up would be among them.
  const settings = { warmUp: { questions: 0 } }
  first = await site.start({ connectors: faults.lay, policy: { ...policy }, settings })
  second = await site.start({ connectors: faults.lay, policy: { ...policy }, settings })
  await registerPartner(site, first, BPNL, RETAILER)
}

/** Waits until the condition holds, and says how long that took. */
async function until(condition: () => boolean | Promise<boolean>, atMostMs = 5_000): Promise<number> {
  const startedMs = performance.now()
  while (!(await condition())) {
    if (performance.now() - startedMs > atMostMs) throw new Error(`waited for ${atMostMs} ms in vain`)
    await setTimeout(5)
  }
  return performance.now() - startedMs
}

const code = async (instance: Instance) => {
  const { body } = await instance.ask('dms-1', part('LR106259'))
  return body.errors?.[0]?.extensions.code ?? 'ANSWERED'
}
const lastEntry = async (instance: Instance) => {
  const { sequence } = instance.app.recovery.current().state.head
  const [row] = await restartOf(instance.app).rows(sequence - 1, 1)
  return JSON.parse(Buffer.from(row?.statement.split('.')[1] ?? '', 'base64url').toString())
}

describeOnSite('a system that was opened on signed evidence', () => {
  beforeAll(async () => {
    await startBoth()
    await openSystem(site, first, PARTS)
  })
  afterAll(() => site.stop())
  beforeEach(async () => {
    faults.read = null
    if (first.lifecycle(PARTS) === 'SUSPENDED') await reopen()
    await until(() => second.lifecycle(PARTS) === 'OPEN')
  })

  test('answers in both instances', async () => {
    expect([await code(first), await code(second)]).toEqual(['ANSWERED', 'ANSWERED'])
  })

  test('closes in both within a second when the intrusion is moved before its backup, and says why in the journal', async () => {
    const token = await site.sign('incident-fact', intrusionFact(nextRevision(), '2025-08-18T12:00:00Z'))
    const submitted = first.submit(token)
    const took = await until(() => first.lifecycle(PARTS) === 'SUSPENDED' && second.lifecycle(PARTS) === 'SUSPENDED')
    await submitted
    expect(took).toBeLessThan(1_000)
    expect([await code(first), await code(second)]).toEqual(['SYSTEM_NOT_OPEN', 'SYSTEM_NOT_OPEN'])
    for (const instance of [first, second])
      await until(async () => (await lastEntry(instance)).cause === 'BACKUP_NOT_BEFORE_INTRUSION')
    expect(await lastEntry(second)).toMatchObject({ sub: 'urn:restored-system:parts-logistics', from: 'OPEN' })
  })

  test('with 1,000 reads in flight at that moment serves none of them and stores none, in both instances', async () => {
    const held = Promise.withResolvers<void>()
    let waiting = 0
    faults.read = async (_relation: AnyRelation, real) => {
      waiting++
      await held.promise
      return real()
    }
    // Each of something else: no two share one flight. Of look-ups, all but two an instance wait to go out together.
    const asked = Array.from({ length: 1_000 }, (_, index) => {
      const name = String(index).padStart(6, '0')
      return (index % 2 === 0 ? first : second).ask('dms-1', index % 4 < 2 ? part(`LR${name}`) : orderLines(name))
    })
    const underWay = 500 + 2 * 2
    await until(() => waiting === underWay, 20_000)
    await first.submit(await site.sign('incident-fact', intrusionFact(nextRevision(), '2025-08-18T12:00:00Z')))
    await until(() => second.lifecycle(PARTS) === 'SUSPENDED')
    held.resolve()
    const answers = await Promise.all(asked)
    expect(answers.filter(({ body }) => Object.values(body.data ?? {}).some(value => value !== null))).toEqual([])
    expect(new Set(answers.map(({ body }) => body.errors[0].extensions.code))).toEqual(new Set(['SYSTEM_NOT_OPEN']))
    // What waited was not asked any more.
    expect(waiting).toBe(underWay)

    // Opened again, nothing that was read then is served: every part is read anew.
    faults.read = null
    await reopen()
    let reads = 0
    faults.read = (_relation, real) => {
      reads++
      return real()
    }
    for (const instance of [first, second]) await instance.ask('dms-1', part('LR000000'))
    expect(reads).toBe(2)
  })

  test('what was read from it before a suspension is never served again', async () => {
    await first.ask('dms-1', part('LR106259'))
    const claims = transition(PARTS, 'OPEN', 'SUSPENDED', { distrust_since: '2025-10-01T00:00:00Z', reason: 'doubt' })
    await first.submit(await site.sign('lifecycle-transition', claims))
    await reopen()
    let reads = 0
    faults.read = (_relation, real) => {
      reads++
      return real()
    }
    expect(await code(first)).toBe('ANSWERED')
    expect(reads).toBe(1)
    expect(first.app.recovery.current().state.systems[PARTS].distrusted.at(-1)).toEqual({
      since: '2025-10-01T00:00:00.000Z',
      until: expect.any(String),
    })
  })

  test('closes everywhere when one instance has met rows of another owner', async () => {
    restartOf(first.app).closeSystem(PARTS, { cause: 'FOREIGN_ROWS', reason: 'part gave 1 row of another owner' })
    expect(first.lifecycle(PARTS)).toBe('SUSPENDED')
    await until(() => second.lifecycle(PARTS) === 'SUSPENDED')
    expect(second.app.recovery.current().state.systems[PARTS].suspension?.cause).toBe('FOREIGN_ROWS')
  })

  test('a disabled partner is refused everywhere within a second, cached answers included', async () => {
    for (const instance of [first, second]) expect(await code(instance)).toBe('ANSWERED')
    await first.submit(await site.sign('partner-grant', { sub: `urn:partner:${BPNL}`, action: 'DISABLE' }))
    expect((await first.ask('dms-1', part('LR106259'))).status).toBe(403)
    const took = await until(async () => (await second.ask('dms-1', part('LR106259'))).status === 403)
    expect(took).toBeLessThan(1_000)
  })

  test('closes when an indicator is reported, when its last attestations are revoked, when a key is withdrawn', async () => {
    const attested = () => first.app.recovery.current().state.systems[PARTS].attestations
    const submit = async (kind: 'indicator-report' | 'revocation', claims: object) =>
      first.submit(await site.sign(kind, claims, { role: 'SECURITY_OPERATIONS' }))
    const statements = {
      INDICATOR_REPORTED: () =>
        submit('indicator-report', {
          sub: 'urn:restored-system:parts-logistics',
          found_at: new Date().toISOString(),
          reference: 'SOC-2291',
        }),
      // Earlier ones still hold: one that is revoked leaves the others standing.
      ATTESTATION_REVOKED: async () => {
        for (const { id, signedBy } of attested())
          if (signedBy.role === 'FORENSICS_LEAD')
            await submit('revocation', { sub: `urn:statement:${id}`, reason: 'the scan missed a volume' })
      },
      KEY_WITHDRAWN: () =>
        submit('revocation', { sub: `urn:key:${attested().at(-1)?.signedBy.keyId}`, reason: 'the laptop is lost' }),
    }
    for (const [cause, hand] of Object.entries(statements)) {
      await hand()
      expect(first.app.recovery.current().state.systems[PARTS].suspension).toMatchObject({ cause })
      await until(() => second.lifecycle(PARTS) === 'SUSPENDED')
      if (cause !== 'KEY_WITHDRAWN') await reopen()
    }
  })

  const nextRevision = () => (first.app.recovery.current().state.intrusion?.revision ?? 0) + 1

  async function reopen(): Promise<void> {
    const step = async (from: string, to: string, facts: object = {}, role?: 'SYSTEM_OWNER') =>
      first.submit(
        await site.sign('lifecycle-transition', transition(PARTS, from, to, facts), role === undefined ? {} : { role }),
      )
    await step('SUSPENDED', 'QUARANTINED', { reachable_hosts: ['check-1'], check_hosts: ['check-1'] })
    // Forensics has found that the earlier fact was wrong: a later revision may move the intrusion back again.
    const revision = nextRevision()
    await first.submit(await site.sign('incident-fact', intrusionFact(revision)))
    await attest(site, first, PARTS, { revision })
    await step('QUARANTINED', 'VERIFIED')
    await step('VERIFIED', 'LIMITED_OPEN', limitedOpening([1]))
    await step('LIMITED_OPEN', 'OPEN', {}, 'SYSTEM_OWNER')
    await until(() => second.lifecycle(PARTS) === 'OPEN')
  }
})

describeOnSite('evidence that ends', () => {
  afterEach(() => site.stop())

  test('closes its system on time under load; new attestations do not open it, a transition does', async () => {
    await startBoth()
    const lifetimeSeconds = 4
    const attestedAtMs = Date.now()
    await openSystem(site, first, PARTS, 'OPEN', { lifetimeSeconds })
    let served = 0
    let lastServedAtMs = 0
    while (Date.now() < attestedAtMs + (lifetimeSeconds + 2) * 1_000) {
      for (const instance of [first, second]) {
        if ((await code(instance)) !== 'ANSWERED') continue
        served++
        lastServedAtMs = Date.now()
      }
      await setTimeout(1)
    }
    expect(served).toBeGreaterThan(100)
    const { suspension } = first.app.recovery.current().state.systems[PARTS]
    expect(suspension).toMatchObject({ cause: 'ATTESTATION_EXPIRED', recorded: true })
    // An answer that was under way at that instant may arrive a moment later.
    expect(lastServedAtMs - Date.parse(suspension?.at ?? '')).toBeLessThan(1_000)

    await attest(site, first, PARTS)
    expect([await code(first), await code(second)]).toEqual(['SYSTEM_NOT_OPEN', 'SYSTEM_NOT_OPEN'])
    const again = transition(PARTS, 'SUSPENDED', 'LIMITED_OPEN', limitedOpening([1]))
    await first.submit(await site.sign('lifecycle-transition', again))
    expect(await code(first)).toBe('ANSWERED')
  })

  test('control totals that are no longer those attested close their system at the next look', async () => {
    await startBoth({})
    await openSystem(site, first, PARTS)
    const seen = await first.app.examine(PARTS, ['part'])
    restartOf(first.app).observed(PARTS, seen)
    expect(first.lifecycle(PARTS)).toBe('OPEN')
    const part = { rows: (seen.totals.part?.rows ?? 0) - 1, sums: {} }
    restartOf(first.app).observed(PARTS, { ...seen, totals: { part } })
    expect(first.app.recovery.current().state.systems[PARTS].suspension).toMatchObject({
      cause: 'CONTROL_TOTALS_DRIFTED',
      reason: expect.stringContaining(`part: rows is ${part.rows}`),
    })
    await until(() => second.lifecycle(PARTS) === 'SUSPENDED')
  })

  test('data that has been silent for too long closes its system; a system that does not answer is not closed for it', async () => {
    await startBoth({})
    await openSystem(site, first, PARTS)
    const seen = await first.app.examine(PARTS, ['part'])
    restartOf(first.app).observed(PARTS, { ...seen, asOf: null, totals: {}, failure: 'connection refused' })
    expect(first.lifecycle(PARTS)).toBe('OPEN')
    restartOf(first.app).observed(PARTS, { ...seen, asOf: '1901-01-01T00:00:00.000Z' })
    expect(first.app.recovery.current().state.systems[PARTS].suspension).toMatchObject({ cause: 'FEED_SILENT' })
  })

  test('the journal out of reach beyond its bound closes everything, and stays closed when it is back', async () => {
    await startBoth({ journalSilenceSeconds: 10 })
    await openSystem(site, first, PARTS)
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

  test('a journal that was tampered with opens nothing at the next start, takes no statement, and says where', async () => {
    await startBoth({})
    await openSystem(site, first, PARTS)
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
    const token = await site.sign('incident-fact', intrusionFact(2))
    await expect(third.submit(token)).rejects.toMatchObject({ code: 'JOURNAL_NOT_VERIFIED' })
  })

  test('an indicator is in force at once, although the step of another system waits for a system that hangs', async () => {
    const hanging = () => new Promise<never>(() => {})
    site = await startSite()
    first = await site.start({
      connectors: configured => ({
        ...configured,
        PRODUCTION_SCHEDULE: { ...configured.PRODUCTION_SCHEDULE, probe: hanging, totals: hanging, freshness: hanging },
      }),
    })
    await openSystem(site, first, PARTS)
    const totals = { production_schedule: { rows: 1 } }
    const waiting = openSystem(site, first, 'PRODUCTION_SCHEDULE', 'VERIFIED', { totals }).catch(
      (error: unknown) => error,
    )
    await until(() => first.lifecycle('PRODUCTION_SCHEDULE') === 'QUARANTINED')
    await setTimeout(500)
    const startedMs = performance.now()
    const claims = {
      sub: 'urn:restored-system:parts-logistics',
      found_at: new Date().toISOString(),
      reference: 'SOC-1',
    }
    await first.submit(await site.sign('indicator-report', claims))
    expect(performance.now() - startedMs).toBeLessThan(1_000)
    expect(first.lifecycle(PARTS)).toBe('SUSPENDED')
    expect(await waiting).toMatchObject({ code: 'GUARD_UNMET' })
  })

  test('what an instance has closed while the journal was away stays closed when it is started again', async () => {
    await startBoth()
    await openSystem(site, first, PARTS)
    await second.close()
    const superuser = await site.superuser()
    await superuser.query('ALTER ROLE journal_writer NOLOGIN')
    await superuser.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'journal_writer'")
    restartOf(first.app).closeSystem(PARTS, { cause: 'FOREIGN_ROWS', reason: 'part gave 1 row of another owner' })
    await first.close()
    await superuser.query('ALTER ROLE journal_writer LOGIN')
    await superuser.end()
    const again = await site.start()
    expect(again.lifecycle(PARTS)).toBe('SUSPENDED')
    await until(() => again.app.recovery.current().state.systems[PARTS].suspension?.recorded === true)
    expect(await lastEntry(again)).toMatchObject({ cause: 'FOREIGN_ROWS' })
  })

  test('an instance whose machine was paused, or its clock put forward, closes nobody for it', async () => {
    await startBoth()
    let aheadMs = 0
    const paused = await site.start({ clock: { now: () => Date.now() + aheadMs } })
    await openSystem(site, first, PARTS, 'OPEN', { lifetimeSeconds: 7_200 })
    await until(() => paused.lifecycle(PARTS) === 'OPEN')
    aheadMs = 6 * 60_000
    await setTimeout(1_500)
    expect([first, second, paused].map(instance => instance.lifecycle(PARTS))).toEqual(['OPEN', 'OPEN', 'OPEN'])
  })
})
