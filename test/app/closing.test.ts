import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { SystemKey } from '../../src/model/system.ts'
import type { AnyRelation, Connector } from '../../src/systems/connector.ts'
import { createFaults } from '../support/faults.ts'
import { attest, intrusionFact, limitedOpening, openSystem, transition } from '../support/opening.ts'
import { describeOnSite, type Instance, restartOf, type Site } from '../support/site.ts'
import { BPNL, code, lastEntry, PARTS, type Pair, part, reopen, revisionIn, startPair, until } from './closing.ts'

/** Systems that close, with everything real: signed statements, a PostgreSQL server with the journal, two instances on it. */

/** One whose evidence ends, and one that hangs: what becomes of them leaves the other alone. */
const FINANCE: SystemKey = 'WHOLESALE_FINANCE'
const SCHEDULE: SystemKey = 'PRODUCTION_SCHEDULE'
const WHOLESALES = { query: '{ vehicleWholesales(first: 1) { edges { cursor } } }' }
const orderLines = (customerOrderId: string) => ({
  query: `{ partsOrderLines(first: 1, filter: { customerOrderId: "${customerOrderId}" }) { edges { cursor } } }`,
})

const faults = createFaults()
let isHanging = false
/** Does not say how it stands, while it hangs. */
function sometimesHanging(connector: Connector): Connector {
  const hung = () => new Promise<never>(() => {})
  return {
    ...connector,
    probe: (...asked) => (isHanging ? hung() : connector.probe(...asked)),
    totals: (...asked) => (isHanging ? hung() : connector.totals(...asked)),
    freshness: (...asked) => (isHanging ? hung() : connector.freshness(...asked)),
  }
}

describeOnSite('a system that was opened on signed evidence', () => {
  let pair: Pair
  let site: Site
  let first: Instance
  let second: Instance

  beforeAll(async () => {
    pair = await startPair({
      connectors: real => faults.lay({ ...real, [SCHEDULE]: sometimesHanging(real[SCHEDULE]) }),
    })
    ;({ site, first, second } = pair)
  })
  afterAll(() => site?.stop())
  beforeEach(async () => {
    faults.read = null
    isHanging = false
    if (first.lifecycle(PARTS) === 'SUSPENDED') await reopen(pair)
    await until(() => second.lifecycle(PARTS) === 'OPEN')
  })

  test('answers in both instances', async () => {
    expect([await code(first), await code(second)]).toEqual(['ANSWERED', 'ANSWERED'])
  })

  test('closes in both within a second when the intrusion is moved before its backup, and says why in the journal', async () => {
    const token = await site.sign('incident-fact', intrusionFact(revisionIn(first) + 1, '2025-08-18T12:00:00Z'))
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
    await first.submit(await site.sign('incident-fact', intrusionFact(revisionIn(first) + 1, '2025-08-18T12:00:00Z')))
    await until(() => second.lifecycle(PARTS) === 'SUSPENDED')
    held.resolve()
    const answers = await Promise.all(asked)
    expect(answers.filter(({ body }) => Object.values(body.data ?? {}).some(value => value !== null))).toEqual([])
    expect(new Set(answers.map(({ body }) => body.errors[0].extensions.code))).toEqual(new Set(['SYSTEM_NOT_OPEN']))
    // What waited was not asked any more.
    expect(waiting).toBe(underWay)

    // Opened again, nothing that was read then is served: every part is read anew.
    faults.read = null
    await reopen(pair)
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
    await reopen(pair)
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

  test('control totals that are no longer those attested close their system at the next look', async () => {
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
    const seen = await first.app.examine(PARTS, ['part'])
    restartOf(first.app).observed(PARTS, { ...seen, asOf: null, totals: {}, failure: 'connection refused' })
    expect(first.lifecycle(PARTS)).toBe('OPEN')
    restartOf(first.app).observed(PARTS, { ...seen, asOf: '1901-01-01T00:00:00.000Z' })
    expect(first.app.recovery.current().state.systems[PARTS].suspension).toMatchObject({ cause: 'FEED_SILENT' })
  })

  test('an indicator is in force at once, although the step of another system waits for a system that hangs', async () => {
    isHanging = true
    const totals = { production_schedule: { rows: 1 } }
    const waiting = openSystem(site, first, SCHEDULE, 'VERIFIED', { totals, revision: revisionIn(first) }).catch(
      (error: unknown) => error,
    )
    await until(() => first.lifecycle(SCHEDULE) === 'QUARANTINED')
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

  test('an instance whose machine was paused, or its clock put forward, closes nobody for it', async () => {
    let aheadMs = 0
    const paused = await site.start({ clock: { now: () => Date.now() + aheadMs } })
    await until(() => paused.lifecycle(PARTS) === 'OPEN')
    aheadMs = 6 * 60_000
    await setTimeout(1_500)
    expect([first, second, paused].map(instance => instance.lifecycle(PARTS))).toEqual(['OPEN', 'OPEN', 'OPEN'])
    await paused.close()
  })

  test('closes its system on time under load; new attestations do not open it, a transition does', async () => {
    const lifetimeSeconds = 4
    const attestedAtMs = Date.now()
    await openSystem(site, first, FINANCE, 'OPEN', { lifetimeSeconds, revision: revisionIn(first) })
    let served = 0
    let lastServedAtMs = 0
    while (Date.now() < attestedAtMs + (lifetimeSeconds + 2) * 1_000) {
      for (const instance of [first, second]) {
        if ((await code(instance, WHOLESALES)) !== 'ANSWERED') continue
        served++
        lastServedAtMs = Date.now()
      }
      await setTimeout(5)
    }
    expect(served).toBeGreaterThan(100)
    const { suspension } = first.app.recovery.current().state.systems[FINANCE]
    expect(suspension).toMatchObject({ cause: 'ATTESTATION_EXPIRED', recorded: true })
    // An answer that was under way at that instant may arrive a moment later.
    expect(lastServedAtMs - Date.parse(suspension?.at ?? '')).toBeLessThan(1_000)

    await attest(site, first, FINANCE, { revision: revisionIn(first) })
    expect([await code(first, WHOLESALES), await code(second, WHOLESALES)]).toEqual([
      'SYSTEM_NOT_OPEN',
      'SYSTEM_NOT_OPEN',
    ])
    const again = transition(FINANCE, 'SUSPENDED', 'LIMITED_OPEN', limitedOpening([1]))
    await first.submit(await site.sign('lifecycle-transition', again))
    expect(await code(first, WHOLESALES)).toBe('ANSWERED')
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
      if (cause !== 'KEY_WITHDRAWN') await reopen(pair)
    }
  })
})
