import { describe, expect, test } from '@jest/globals'
import { fold } from '../../../src/recovery/fold/fold.ts'
import {
  standingAttestations,
  standingOf,
  strongestPair,
  upheldAttestations,
} from '../../../src/recovery/lifecycle/attestations.ts'
import type { Statement } from '../../../src/recovery/statements/statement-kinds.ts'
import {
  at,
  attestation,
  attestations,
  BACKUP,
  BACKUPS,
  emptySnapshot,
  FORENSICS,
  failedAt,
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
} from '../fold/statements.ts'

function attested(...statements: readonly Statement[]) {
  const { state } = fold(
    emptySnapshot(),
    recorded([...roadTo('RESTORING'), roadStep('QUARANTINED'), ...statements]),
    RULES,
  )
  return { state, system: state.systems[PARTS] }
}

describe('an attestation', () => {
  const one = attestation()
  const standing = (hours: number, rules = RULES, ...more: readonly Statement[]) => {
    const { state, system } = attested(one, ...more)
    const [first] = system.attestations
    return first && standingOf(first, state, msAt(hours), rules)
  }

  test('is valid until it expires, and not at that instant', () => {
    expect([5, 16.999, 17, 100].map(hours => standing(hours))).toEqual(['VALID', 'VALID', 'EXPIRED', 'EXPIRED'])
  })

  test('is revoked from the time on at which the gateway took the revocation in', () => {
    const revoked = revocation(`urn:statement:${one.id}`, { hours: 8 })
    expect([7.9, 8, 20].map(hours => standing(hours, RULES, revoked))).toEqual(['VALID', 'REVOKED', 'REVOKED'])
  })

  test('falls with its key, by statement or by key file', () => {
    const withdrawn = revocation(`urn:key:${OWNER.keyId}`, { hours: 8 })
    expect([7.9, 8].map(hours => standing(hours, RULES, withdrawn))).toEqual(['VALID', 'WITHDRAWN'])
    const rules = (from: string) => ({ policy: POLICY, withdrawalOf: () => from })
    expect([7.9, 8].map(hours => standing(hours, rules(at(8))))).toEqual(['VALID', 'WITHDRAWN'])
    expect(standing(-1_000, rules('always'))).toBe('WITHDRAWN')
  })

  test('counts only for what was restored: that backup, into that environment, at that time, with that result', () => {
    const { state, system } = attested(
      attestation(),
      attestation({ by: FORENSICS, manifest: 'another' }),
      attestation({ by: SECURITY, environment: 'segment-r1' }),
      attestation({ by: BACKUPS, completedAt: at(2) }),
    )
    expect(system.attestations).toHaveLength(4)
    expect(standingAttestations(system, state, msAt(6), RULES).map(({ signedBy }) => signedBy)).toEqual([OWNER])
  })

  test('falls where the key file gives its key another role, or takes its system from it', () => {
    const asked: unknown[] = []
    const rules = {
      policy: POLICY,
      withdrawalOf: (...signed: readonly unknown[]) => {
        asked.push(signed)
        return 'always' as const
      },
    }
    expect(standing(6, rules)).toBe('WITHDRAWN')
    expect(asked).toContainEqual([OWNER.keyId, 'SYSTEM_OWNER', PARTS])
  })

  test('is upheld only while the last word of its key agrees with it', () => {
    const good = attestation({ hours: 5, lifetimeHours: 40 })
    const bad = attestation({ hours: 6, checks: [failedAt('CREDENTIALS_ROTATED', 4)] })
    const upheld = (...said: readonly Statement[]) => {
      const { state, system } = attested(...said)
      return upheldAttestations(system, state).map(({ id }) => id)
    }
    expect(upheld(good, bad)).toEqual([bad.id])
    expect(upheld(bad, good)).toEqual([bad.id])
    const better = attestation({ hours: 7 })
    expect(upheld(good, bad, better)).toEqual([good.id, better.id])
    expect(upheld(good, bad, revocation(`urn:statement:${bad.id}`, { hours: 7 }))).toEqual([good.id])
    expect(upheld(bad, attestation({ by: SECURITY, hours: 7 }))).toHaveLength(2)
  })
})

describe('two attestations', () => {
  const pairOf = (...statements: readonly Statement[]) => {
    const { state, system } = attested(...statements)
    const pair = strongestPair(system, state, RULES)
    return pair && { by: [pair.owner.signedBy.role, pair.investigator.signedBy.role], until: pair.end.ms }
  }

  test('hold together until the first of them ends', () => {
    const pair = pairOf(attestation({ lifetimeHours: 4 }), attestation({ by: FORENSICS, lifetimeHours: 8 }))
    expect(pair).toEqual({ by: ['SYSTEM_OWNER', 'FORENSICS_LEAD'], until: msAt(9) })
  })

  test('are chosen so that they hold longest', () => {
    const pair = pairOf(
      ...attestations({ lifetimeHours: 4 }),
      attestation({ by: OWNER, hours: 8 }),
      attestation({ by: SECURITY, hours: 7 }),
    )
    expect(pair).toEqual({ by: ['SYSTEM_OWNER', 'SECURITY_OPERATIONS'], until: msAt(19) })
  })

  test('of one key are none, even where the key has had two roles', () => {
    expect(pairOf(attestation(), attestation({ by: { ...FORENSICS, keyId: OWNER.keyId } }))).toBeNull()
  })

  test('of one person are none, even with two keys and two roles', () => {
    expect(pairOf(attestation(), attestation({ by: { ...FORENSICS, name: OWNER.name } }))).toBeNull()
  })

  test.each([
    ['that found a check failed', { checks: [failedAt('CREDENTIALS_ROTATED', 4)] }],
    ['of a backup that is not clean', { backup: { ...BACKUP, malware_status: 'SUSPICIOUS' as const } }],
  ])('carry nothing with one %s', (_, facts) => {
    expect(pairOf(attestation(), attestation({ by: FORENSICS, ...facts }))).toBeNull()
  })

  test('that speak of two revisions of the intrusion are none', () => {
    expect(pairOf(attestation(), attestation({ by: FORENSICS, revision: 2 }))).toBeNull()
  })

  test('of two investigators are none', () => {
    expect(pairOf(attestation({ by: FORENSICS }), attestation({ by: SECURITY }))).toBeNull()
  })
})
