import { describe, expect, test } from '@jest/globals'
import { fold } from '../../../src/recovery/fold/fold.ts'
import { standingAttestations, standingOf, strongestPair } from '../../../src/recovery/lifecycle/attestations.ts'
import type { Statement } from '../../../src/recovery/statements/statement-kinds.ts'
import {
  at,
  attestation,
  attestations,
  emptySnapshot,
  FORENSICS,
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

  test('counts only for what was restored', () => {
    const { state, system } = attested(attestation(), attestation({ by: FORENSICS, manifest: 'another' }))
    expect(system.attestations).toHaveLength(2)
    expect(standingAttestations(system, state, msAt(6), RULES).map(({ signedBy }) => signedBy)).toEqual([OWNER])
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

  test('that speak of two revisions of the intrusion are none', () => {
    expect(pairOf(attestation(), attestation({ by: FORENSICS, revision: 2 }))).toBeNull()
  })

  test('of two investigators are none', () => {
    expect(pairOf(attestation({ by: FORENSICS }), attestation({ by: SECURITY }))).toBeNull()
  })
})
