import type { Clock } from '../../model/clock.ts'
import { ConfigError } from '../../model/operator-file.ts'
import type { KeyRing } from '../statements/key-ring.ts'
import { readStatement } from '../statements/read.ts'
import { signStatement } from '../statements/sign.ts'
import type { Signatory } from '../statements/signatory.ts'
import type { SigningKey } from '../statements/signing-key.ts'
import type { ClaimsInputOf, Statement } from '../statements/statement-kinds.ts'

/** The gateway's own key at work: it signs automatic closings, and nothing that a person has to sign. */
export interface GatewaySigner {
  readonly signatory: Signatory
  signClosing(claims: ClaimsInputOf<'automatic-closing'>): Promise<Statement>
}

export interface GatewaySignerOptions {
  readonly key: SigningKey
  readonly keys: KeyRing
  readonly audience: string
  readonly incident: string
  readonly clock: Clock
}

const LIFETIME_SECONDS = 3_600

/** Throws `ConfigError` where the pinned keys do not have the key as the gateway's. */
export function createGatewaySigner({ key, keys, audience, incident, clock }: GatewaySignerOptions): GatewaySigner {
  const signatory = keys.find(key.keyId)
  if (signatory === undefined || signatory.role !== 'GATEWAY')
    throw new ConfigError([
      `recovery.signingKey: the pinned keys have no key ${key.keyId} with the role GATEWAY; add its public part to them`,
    ])
  return {
    signatory,
    async signClosing(claims) {
      const token = await signStatement({
        key,
        audience,
        incident,
        kind: 'automatic-closing',
        claims,
        issuedAtMs: clock.now(),
        lifetimeSeconds: LIFETIME_SECONDS,
      })
      return readStatement(token, signatory)
    },
  }
}
