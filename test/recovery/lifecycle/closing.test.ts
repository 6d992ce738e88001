import { describe, expect, test } from '@jest/globals'
import { fold } from '../../../src/recovery/fold/fold.ts'
import { evidenceUntilMs, lapse, nextLapseMs, suspend } from '../../../src/recovery/lifecycle/closing.ts'
import type { Rules } from '../../../src/recovery/lifecycle/rules.ts'
import { isServed } from '../../../src/recovery/lifecycle/served.ts'
import type { RecoverySnapshot } from '../../../src/recovery/recovery.ts'
import { MAX_REASON } from '../../../src/recovery/statements/kinds/automatic-closing.ts'
import type { Statement } from '../../../src/recovery/statements/statement-kinds.ts'
import {
  at,
  attestation,
  attestations,
  BACKUP,
  BACKUPS,
  emptySnapshot,
  FINANCE,
  FORENSICS,
  failedAt,
  incidentFact,
  indicatorReport,
  msAt,
  OWNER,
  PARTS,
  POLICY,
  RULES,
  recorded,
  revocation,
  roadStep,
  roadTo,
  SECURITY,
  transition,
} from '../fold/statements.ts'

/** Both attestations of the road are signed at hour 5 for 48 hours. */
const EXPIRY = 53

const folded = (statements: readonly Statement[], rules = RULES) => fold(emptySnapshot(), recorded(statements), rules)
const open = () => folded(roadTo('OPEN'))
const parts = ({ state }: RecoverySnapshot) => state.systems[PARTS]
const withdrawing = (keyId: string, from: string): Rules => ({
  policy: POLICY,
  withdrawalOf: key => (key === keyId ? from : null),
})

describe('a system whose evidence no longer holds', () => {
  test.each(['VERIFIED', 'LIMITED_OPEN', 'OPEN', 'NORMAL_OPERATION'] as const)(
    'closes in %s as its attestations expire',
    to => {
      const before = folded(roadTo(to))
      expect(lapse(before, msAt(EXPIRY) - 1, RULES)).toBe(before)
      const after = lapse(before, msAt(EXPIRY), RULES)
      expect(parts(after)).toMatchObject({
        lifecycle: 'SUSPENDED',
        since: at(EXPIRY),
        suspension: { cause: 'ATTESTATION_EXPIRED', at: at(EXPIRY), from: to, distrustSince: null, recorded: false },
      })
      expect(isServed(parts(after), 1)).toBe(false)
      expect(after.epochs).toBe(before.epochs)
    },
  )

  test.each(['ISOLATED', 'CLEARED_FOR_RESTORE', 'RESTORING', 'QUARANTINED'] as const)(
    'stays as it is in %s: it serves nothing',
    to => {
      const before = folded(roadTo(to))
      expect(lapse(before, msAt(1_000), RULES)).toBe(before)
    },
  )

  test('says when that will be, and until when its evidence holds', () => {
    const before = open()
    expect(nextLapseMs(before, RULES)).toBe(msAt(EXPIRY))
    expect(evidenceUntilMs(parts(before), before.state, msAt(40), RULES)).toBe(msAt(EXPIRY))
    expect(evidenceUntilMs(parts(before), before.state, msAt(EXPIRY), RULES)).toBeNull()
    expect(nextLapseMs(lapse(before, msAt(EXPIRY), RULES), RULES)).toBe(Number.POSITIVE_INFINITY)
  })

  test('closes at the instant at which it ended, however late that is noticed', () => {
    expect(parts(lapse(open(), msAt(500), RULES)).since).toBe(at(EXPIRY))
  })

  test('stays open while any two hold: a renewal in time closes nothing', () => {
    const renewed = folded([...roadTo('OPEN'), ...attestations({ hours: 50 })])
    expect(lapse(renewed, msAt(61), RULES)).toBe(renewed)
    expect(parts(lapse(renewed, msAt(62), RULES)).since).toBe(at(62))
  })

  test('needs both of them: one renewed attestation carries nothing', () => {
    const renewed = folded([...roadTo('OPEN'), attestation({ by: OWNER, hours: 50 })])
    expect(parts(lapse(renewed, msAt(EXPIRY), RULES)).lifecycle).toBe('SUSPENDED')
    const other = folded([
      ...roadTo('OPEN'),
      attestation({ by: OWNER, hours: 50 }),
      attestation({ by: SECURITY, hours: 51 }),
    ])
    expect(parts(lapse(other, msAt(EXPIRY), RULES)).lifecycle).toBe('OPEN')
  })

  test('is not opened again by attestations that come too late', () => {
    const late = folded([...roadTo('OPEN'), ...attestations({ hours: EXPIRY })])
    expect(parts(late)).toMatchObject({ lifecycle: 'SUSPENDED', since: at(EXPIRY) })
  })

  test('is not opened again by a clock that moved back', () => {
    const closed = lapse(open(), msAt(EXPIRY), RULES)
    expect(lapse(closed, msAt(40), RULES)).toBe(closed)
  })

  test('closes as one of its attestations is revoked, and names it', () => {
    const owners = attestation({ by: OWNER, lifetimeHours: 48 })
    const closed = folded([...roadTo('OPEN'), revocation(`urn:statement:${owners.id}`, { hours: 40 })])
    expect(parts(closed).suspension).toMatchObject({
      cause: 'ATTESTATION_REVOKED',
      at: at(40),
      reason: expect.stringContaining(`${owners.id} of Olive Owner (SYSTEM_OWNER) was revoked`),
    })
  })

  test('closes as the key of one is withdrawn by a statement', () => {
    const closed = folded([...roadTo('OPEN'), revocation(`urn:key:${FORENSICS.keyId}`, { hours: 40 })])
    expect(parts(closed).suspension).toMatchObject({ cause: 'KEY_WITHDRAWN', at: at(40) })
  })

  test('closes as the key file withdraws the key of one', () => {
    const rules = withdrawing(FORENSICS.keyId, at(41))
    expect(lapse(open(), msAt(41) - 1, rules).state.systems[PARTS].lifecycle).toBe('OPEN')
    expect(parts(lapse(open(), msAt(41), rules)).suspension).toMatchObject({ cause: 'KEY_WITHDRAWN', at: at(41) })
  })

  test('closes at once where the key file no longer has the key of one, whatever expired before', () => {
    const attested = [
      ...attestations({ lifetimeHours: 0.5 }),
      attestation({ by: OWNER, hours: 6, lifetimeHours: 48 }),
      attestation({ by: SECURITY, hours: 6, lifetimeHours: 48 }),
    ]
    const before = folded([...roadTo('RESTORING'), roadStep('QUARANTINED'), ...attested, ...roadTo('OPEN').slice(-3)])
    const rules = withdrawing(SECURITY.keyId, 'always')
    expect(parts(before).lifecycle).toBe('OPEN')
    expect(parts(lapse(before, msAt(33), rules)).suspension).toMatchObject({ cause: 'KEY_WITHDRAWN', at: at(32) })
    expect(nextLapseMs(before, rules)).toBe(Number.NEGATIVE_INFINITY)
  })

  test('closes in the same step in which forensics moves the intrusion before its backup, and distrusts all it gave', () => {
    const moved = incidentFact({ revision: 2, earliest_intrusion_at: '2025-08-19T01:59:59.999Z' }, { hours: 40 })
    const closed = folded([...roadTo('OPEN'), moved])
    expect(parts(closed)).toMatchObject({
      lifecycle: 'SUSPENDED',
      suspension: {
        cause: 'BACKUP_NOT_BEFORE_INTRUSION',
        at: at(40),
        reason: expect.stringMatching(/B-0818 was taken at .* \(revision 2\), and 24 h must lie between/),
        distrustSince: at(3),
      },
      distrusted: [{ since: at(3), until: null }],
    })
    expect(evidenceUntilMs(parts(closed), closed.state, msAt(40), RULES)).toBeNull()
  })

  test('stays open where the intrusion moves to the very margin', () => {
    const moved = incidentFact({ revision: 2, earliest_intrusion_at: '2025-08-19T02:00:00.000Z' }, { hours: 40 })
    expect(parts(folded([...roadTo('OPEN'), moved])).lifecycle).toBe('OPEN')
  })

  test('that was closed for less is closed for the dirty backup, too', () => {
    const moved = incidentFact({ revision: 2, earliest_intrusion_at: '2025-08-19T00:00:00.000Z' }, { hours: 60 })
    const closed = folded([...roadTo('OPEN'), moved])
    expect(parts(closed)).toMatchObject({
      since: at(EXPIRY),
      suspension: { cause: 'BACKUP_NOT_BEFORE_INTRUSION', from: 'OPEN', recorded: false },
    })
    expect(lapse(closed, msAt(61), RULES)).toBe(closed)
    expect(nextLapseMs(closed, RULES)).toBe(Number.POSITIVE_INFINITY)
  })

  const bad = { checks: [failedAt('CREDENTIALS_ROTATED', 4)], hours: 40 } as const

  test.each([
    ['a check failed', { ...bad, by: BACKUPS }, 'CREDENTIALS_ROTATED FAILED'],
    [
      'its backup is not clean',
      { by: OWNER, hours: 40, backup: { ...BACKUP, malware_status: 'INFECTED' as const } },
      'the backup B-0818 is INFECTED',
    ],
  ])('closes in the same step in which anybody attests that %s, and its data is in doubt', (_, facts, found) => {
    const closed = folded([...roadTo('OPEN'), attestation(facts)])
    expect(parts(closed)).toMatchObject({
      lifecycle: 'SUSPENDED',
      since: at(40),
      suspension: {
        cause: 'ATTESTED_UNSOUND',
        at: at(40),
        reason: expect.stringContaining(`of ${facts.by.name} (${facts.by.role}) says: ${found}.`),
        from: 'OPEN',
        distrustSince: at(3),
        recorded: false,
      },
    })
    expect(evidenceUntilMs(parts(closed), closed.state, msAt(40), RULES)).toBeNull()
    expect(lapse(closed, msAt(41), RULES)).toBe(closed)
  })

  test('that was closed for less is closed for what is attested against it, too', () => {
    const silent = { cause: 'FEED_SILENT', reason: 'Silent.', at: at(39), distrustSince: null, recorded: true } as const
    const before = suspend(open(), PARTS, silent)
    const after = fold(before, recorded([attestation({ ...bad, by: BACKUPS })], before.state.head.sequence), RULES)
    expect(parts(after)).toMatchObject({ since: at(39), suspension: { cause: 'ATTESTED_UNSOUND', recorded: false } })
  })

  test('stays open where it is attested of another restore', () => {
    const elsewhere = attestation({ ...bad, by: BACKUPS, environment: 'segment-r1' })
    expect(parts(folded([...roadTo('OPEN'), elsewhere])).lifecycle).toBe('OPEN')
  })

  test('is not closed again by what its attester has taken back, by a later word or by revoking it', () => {
    const said = attestation({ ...bad, by: BACKUPS, hours: 5, lifetimeHours: 48 })
    const restored = [...roadTo('RESTORING'), roadStep('QUARANTINED'), ...attestations({ lifetimeHours: 48 }), said]
    const rest = roadTo('OPEN').slice(-3)
    expect(parts(folded([...restored, ...rest])).suspension?.cause).toBe('ATTESTED_UNSOUND')
    const better = attestation({ by: BACKUPS, hours: 5.5, lifetimeHours: 48 })
    expect(parts(folded([...restored, better, ...rest])).lifecycle).toBe('OPEN')
    const revoked = revocation(`urn:statement:${said.id}`, { hours: 5.5 })
    expect(parts(folded([...restored, revoked, ...rest])).lifecycle).toBe('OPEN')
  })

  test('goes back through quarantine, and is not carried by what an attester said before the last word', () => {
    const back = transition('SUSPENDED', 'QUARANTINED', {}, { hours: 41 })
    const quarantined = folded([...roadTo('OPEN'), attestation({ ...bad, by: OWNER, lifetimeHours: 1 }), back])
    expect(parts(quarantined)).toMatchObject({ lifecycle: 'QUARANTINED', suspension: null })
    expect(evidenceUntilMs(parts(quarantined), quarantined.state, msAt(45), RULES)).toBeNull()
    const verified = transition('QUARANTINED', 'VERIFIED', {}, { hours: 45 })
    const after = fold(quarantined, recorded([verified], quarantined.state.head.sequence), RULES)
    expect(parts(after).lifecycle).toBe('SUSPENDED')
  })

  test('closes where the key file gives one of its keys another role, or takes the system from it', () => {
    const rules: Rules = {
      policy: POLICY,
      withdrawalOf: (keyId, role, system) =>
        keyId === FORENSICS.keyId && role === 'FORENSICS_LEAD' && system === PARTS ? 'always' : null,
    }
    expect(parts(lapse(open(), msAt(33), rules)).suspension).toMatchObject({ cause: 'KEY_WITHDRAWN', at: at(32) })
  })

  test('closes at once as an indicator is reported', () => {
    const closed = folded([...roadTo('OPEN'), indicatorReport({ distrust_since: at(39) }, { hours: 40 })])
    expect(parts(closed)).toMatchObject({
      lifecycle: 'SUSPENDED',
      indicators: [{ reportedAt: at(40), reference: 'CASE-7' }],
      suspension: { cause: 'INDICATOR_REPORTED', at: at(40), distrustSince: at(39), recorded: false },
      distrusted: [{ since: at(39), until: null }],
    })
  })

  test('closes alone: the others stay as they are', () => {
    const both = folded([...roadTo('OPEN'), ...roadTo('OPEN', FINANCE), indicatorReport({}, { hours: 40 })])
    expect(both.state.systems[FINANCE].lifecycle).toBe('OPEN')
  })
})

describe('a suspension for what was observed', () => {
  const silent = { cause: 'FEED_SILENT', reason: 'Silent.', at: at(40), distrustSince: null, recorded: false } as const
  const foreign = { ...silent, cause: 'FOREIGN_ROWS', at: at(41), distrustSince: at(30) } as const

  test('closes a system that rests on evidence, and no other', () => {
    expect(parts(suspend(open(), PARTS, silent)).suspension).toEqual({ ...silent, lastKnownGood: false, from: 'OPEN' })
    const isolated = emptySnapshot()
    expect(suspend(isolated, PARTS, silent)).toBe(isolated)
  })

  test('gives way to a cause that touches integrity, and to none that does not', () => {
    const closed = suspend(open(), PARTS, silent)
    expect(suspend(closed, PARTS, { ...silent, at: at(42) })).toBe(closed)
    const graver = suspend(closed, PARTS, foreign)
    expect(parts(graver)).toMatchObject({ since: at(40), suspension: { cause: 'FOREIGN_ROWS', from: 'OPEN' } })
    expect(suspend(graver, PARTS, silent)).toBe(graver)
  })

  test('is told in words that can be signed, whatever was observed', () => {
    const { suspension } = parts(suspend(open(), PARTS, { ...silent, reason: `\u001b[2J${'x'.repeat(5_000)}` }))
    expect(suspension?.reason).toHaveLength(MAX_REASON)
    expect(suspension?.reason).toMatch(/^\ufffd\[2Jx+\.\.\.$/)
  })

  test('moves the beginning of distrust earlier, never later', () => {
    const closed = suspend(open(), PARTS, foreign)
    const earlier = suspend(closed, PARTS, { ...foreign, distrustSince: at(20) })
    expect(parts(earlier).distrusted).toEqual([{ since: at(20), until: null }])
    expect(suspend(earlier, PARTS, { ...foreign, distrustSince: at(30) })).toBe(earlier)
  })

  test('ends with the step that leads out of it, and so does the distrust', () => {
    const back = transition('SUSPENDED', 'QUARANTINED', {}, { hours: 45 })
    const report = indicatorReport({ distrust_since: at(39) }, { hours: 40 })
    const after = folded([...roadTo('OPEN'), report, back])
    expect(parts(after)).toMatchObject({
      lifecycle: 'QUARANTINED',
      suspension: null,
      distrusted: [{ since: at(39), until: at(45) }],
    })
  })
})
