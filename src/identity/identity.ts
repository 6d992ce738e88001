import type { Config } from '../config/load-config.ts'
import type { Clock } from '../model/clock.ts'
import type { Viewer } from '../model/viewer.ts'
import type { Counters } from '../observe/counters.ts'
import type { Log } from '../observe/log.ts'
import { createAccessTokenVerifier } from './access-token.ts'
import { type Authenticator, createAuthenticator } from './authenticate.ts'
import { createDpop, type DpopStore } from './dpop/dpop.ts'
import { createSigningKeys } from './keys/open-keys.ts'
import type { KeysHealth } from './keys/signing-keys.ts'
import { createKnownTokens } from './known-tokens.ts'
import type { PartnerRegistry } from './partner-registry.ts'

/** Identity as configured: from a request to a viewer. Built by the composition root, which closes it. */
export interface Identity {
  readonly authenticate: Authenticator
  /** Whom a bearer token is known to be good for, as it stands; undefined: to be authenticated. */
  knownViewer(authorization: string): Viewer | undefined
  /** Whether the header is known to hold a good token, its sender's proof aside; where none are remembered, any is. */
  isKnown(authorization: string): boolean
  /** Counts a token that was known, and whose request was answered by that. */
  countKnown(): void
  health(): IdentityHealth
  close(): Promise<void>
}

export interface IdentityHealth {
  readonly keys: KeysHealth
}

export interface IdentityOptions {
  readonly registry: PartnerRegistry
  readonly clock: Clock
  readonly log: Log
  readonly counters: Counters
  /** Where DPoP proofs are claimed for all instances; null: each takes those with its own nonce only. */
  readonly store: DpopStore | null
}

/** Throws `ConfigError` where a file that the section names cannot be used. */
export async function createIdentity(config: Config['identity'], options: IdentityOptions): Promise<Identity> {
  const { registry, clock, log, counters, store } = options
  const { issuer, clockSkewSeconds, knownTokens: max, publicUrl: publicUrls, dpop: settings } = config
  const keys = await createSigningKeys({
    source: config.keys,
    issuer,
    algorithms: config.algorithms,
    clock,
    log,
    counters,
  })
  const verifier = createAccessTokenVerifier({ ...config, keys: keys.find, clock })
  const dpop =
    publicUrls === undefined ? null : createDpop({ settings, publicUrls, clockSkewSeconds, store, clock, counters })
  const knownTokens = max === 0 ? null : createKnownTokens({ max, keys, registry, clock, counters })
  return {
    authenticate: createAuthenticator({ verifier, registry, dpop, knownTokens }),
    countKnown: () => knownTokens?.countKnown(),
    knownViewer: authorization => knownTokens?.peek(authorization)?.viewer ?? undefined,
    isKnown: authorization => knownTokens === null || knownTokens.peek(authorization) !== undefined,
    health: () => ({ keys: keys.health() }),
    close: keys.close,
  }
}
