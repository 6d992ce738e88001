import { describe, expect, test } from '@jest/globals'
import { EVIDENCE_KINDS } from '../../../src/model/code-lists.ts'
import type { AcceptedStatement } from '../../../src/recovery/fold/accepted.ts'
import { fold } from '../../../src/recovery/fold/fold.ts'
import { evidenceOf } from '../../../src/recovery/reading/evidence.ts'
import type { Statement } from '../../../src/recovery/statements/statement-kinds.ts'
import {
  at,
  attestation,
  attestations,
  BACKUP,
  emptySnapshot,
  FORENSICS,
  failedAt,
  incidentFact,
  LEAD,
  msAt,
  OWNER,
  PARTS,
  passedAt,
  RULES,
  recorded,
  revocation,
  roadStep,
  roadTo,
  SECURITY,
} from '../fold/statements.ts'

const restored = [...roadTo('RESTORING'), roadStep('QUARANTINED')]

function evidence(
  statements: readonly Statement[],
  hours = 6,
  entries: readonly AcceptedStatement[] = recorded(statements),
) {
  const { state } = fold(emptySnapshot(), entries, RULES)
  return evidenceOf(state.systems[PARTS], state, msAt(hours), RULES)
}

function outcomes(statements: readonly Statement[], hours = 6) {
  return Object.fromEntries(evidence(statements, hours).map(({ kind, outcome }) => [kind, outcome]))
}

describe('the evidence for a system', () => {
  test('is missing, kind by kind, while nobody has shown what VERIFIED demands', () => {
    expect(outcomes([])).toEqual({
      BACKUP_PREDATES_INTRUSION: 'MISSING',
      BACKUP_INTEGRITY: 'MISSING',
      BACKUP_MALWARE_SCAN: 'MISSING',
      INDICATORS_OF_COMPROMISE_CHECK: 'MISSING',
      ROOT_CAUSE_REMEDIATED: 'MISSING',
      CREDENTIALS_ROTATED: 'MISSING',
    })
  })

  test('is what was attested: by whom, when, until when, in which statement', () => {
    const [owners] = attestations()
    const shown = evidence([...restored, ...attestations()]).find(({ kind }) => kind === 'CREDENTIALS_ROTATED')
    expect(shown).toEqual({
      kind: 'CREDENTIALS_ROTATED',
      outcome: 'PASSED',
      attestedAt: at(4),
      attestedBy: 'SYSTEM_OWNER',
      expiresAt: at(17),
      digest: owners?.digest,
    })
  })

  test('stands in the order of the kinds, each once', () => {
    const kinds = evidence([
      ...restored,
      ...attestations(),
      attestation({ by: SECURITY, checks: [passedAt('DATA_RECONCILED', 4)] }),
    ])
    expect(kinds.map(({ kind }) => kind)).toEqual(EVIDENCE_KINDS.filter(kind => kinds.some(one => one.kind === kind)))
  })

  test('expires and is revoked with its attestations', () => {
    const rotated = (statements: readonly Statement[], hours: number) => outcomes(statements, hours).CREDENTIALS_ROTATED
    const attested = [...restored, ...attestations()]
    expect([16.9, 17].map(hours => rotated(attested, hours))).toEqual(['PASSED', 'EXPIRED'])
    const [owners, forensics] = attestations()
    const revoked = [owners, forensics].map(one => revocation(`urn:statement:${one?.id}`, { hours: 6 }))
    expect(rotated([...attested, ...revoked.slice(0, 1)], 7)).toBe('PASSED')
    expect(rotated([...attested, ...revoked], 7)).toBe('REVOKED')
    const withdrawn = [OWNER, FORENSICS].map(({ keyId }) => revocation(`urn:key:${keyId}`, { hours: 6 }))
    expect(rotated([...attested, ...withdrawn], 7)).toBe('REVOKED')
  })

  test('is of what holds now rather than of what held before', () => {
    const attested = [...restored, ...attestations(), attestation({ by: SECURITY, hours: 16 })]
    expect(evidence(attested, 20).find(({ kind }) => kind === 'ROOT_CAUSE_REMEDIATED')).toMatchObject({
      outcome: 'PASSED',
      attestedBy: 'SECURITY_OPERATIONS',
    })
  })

  test('says that a check failed, whoever says that it passed', () => {
    const failed = attestation({ by: SECURITY, checks: [failedAt('CREDENTIALS_ROTATED', 3)] })
    expect(outcomes([...restored, ...attestations(), failed]).CREDENTIALS_ROTATED).toBe('FAILED')
  })

  test('is that a check passed again, where who found it failed says so later', () => {
    const failed = attestation({ by: SECURITY, checks: [failedAt('CREDENTIALS_ROTATED', 3)] })
    const better = attestation({ by: SECURITY, hours: 5.5 })
    expect(outcomes([...restored, ...attestations(), failed, better]).CREDENTIALS_ROTATED).toBe('PASSED')
  })

  test('fails on the scan of the backup as soon as anybody attests that it is not clean', () => {
    const scanned = [...restored, ...attestations({ checks: [passedAt('BACKUP_MALWARE_SCAN', 4)] })]
    expect(outcomes(scanned).BACKUP_MALWARE_SCAN).toBe('PASSED')
    const infected = attestation({ by: SECURITY, backup: { ...BACKUP, malware_status: 'INFECTED' } })
    expect(outcomes([...scanned, infected]).BACKUP_MALWARE_SCAN).toBe('FAILED')
  })

  test('is, of the backup, what the guards of its restore found', () => {
    const guards = ['BACKUP_PREDATES_INTRUSION', 'BACKUP_INTEGRITY', 'BACKUP_MALWARE_SCAN'].map(guard => ({
      guard,
      outcome: 'PASSED' as const,
      reason: 'Found.',
      code: null,
    }))
    const entries = recorded(restored).map(entry => (entry.statement === restored[3] ? { ...entry, guards } : entry))
    expect(restored[3]).toMatchObject({ claims: { to: 'RESTORING' } })
    const shown = evidence(restored, 6, entries)
    expect(shown.slice(0, 3)).toEqual(
      guards.map(({ guard }) => ({
        kind: guard,
        outcome: 'PASSED',
        attestedAt: at(2),
        attestedBy: null,
        expiresAt: null,
        digest: restored[3]?.digest,
      })),
    )
    expect(LEAD.role).toBe('RECOVERY_LEAD')
  })

  test('fails on the backup as soon as the intrusion is moved before it, whatever was attested', () => {
    const attested = [...restored, ...attestations({ checks: [passedAt('BACKUP_PREDATES_INTRUSION', 4)] })]
    expect(outcomes(attested).BACKUP_PREDATES_INTRUSION).toBe('PASSED')
    const moved = incidentFact({ revision: 2, earliest_intrusion_at: '2025-08-18T12:00:00.000Z' }, { hours: 5 })
    expect(outcomes([...attested, moved]).BACKUP_PREDATES_INTRUSION).toBe('FAILED')
  })

  test('is none of a restore that was thrown away', () => {
    const anew = { ...roadStep('RESTORING'), issuedAt: at(8) }
    expect(outcomes([...roadTo('VERIFIED'), anew], 9).CREDENTIALS_ROTATED).toBe('MISSING')
  })
})
