import type { Clock } from '../model/clock.ts'
import type { Viewer } from '../model/viewer.ts'
import type { Counters } from '../observe/counters.ts'
import { createFairStore } from '../store/fair-store.ts'
import type { AccessToken } from './access-token.ts'
import type { SigningKeys } from './keys/signing-keys.ts'
import type { PartnerRegistry } from './partner-registry.ts'

/**
 * What `Authorization` headers were found to be, so that a token that comes again is verified once. Called by the
 * authenticator alone. An entry serves as long as a full verification would find the same: while the token lasts, by the
 * same keys, under the same grants. Refusals are never in it, so whoever has no token by the issuer cannot fill it.
 */
export interface KnownTokens {
  /** By the header as received, character by character; undefined: to be verified. */
  find(authorization: string): KnownToken | undefined
  /** The same, not counted: for whoever may leave it to another, and calls `countKnown` where not. */
  peek(authorization: string): KnownToken | undefined
  countKnown(): void
  /** Called before a verification begins. What it comes to is kept only if nothing that it rests on changes meanwhile. */
  begin(): (authorization: string, found: KnownToken) => void
}

export interface KnownToken {
  readonly accessToken: AccessToken
  /** Whom it is good for, as it stands. Null: what its sender has to prove, it has to prove with each request. */
  readonly viewer: Viewer | null
}

export interface KnownTokensOptions {
  /** How many are kept, of usual length: a long one takes the room of several. At most an eighth of it for one. */
  readonly max: number
  readonly keys: Pick<SigningKeys, 'version'>
  readonly registry: Pick<PartnerRegistry, 'version'>
  readonly clock: Clock
  readonly counters: Pick<Counters, 'counter'>
}

/** A token of a thousand characters with ten scopes. */
const USUAL_BYTES = 2_048
/** The objects of an entry and its place in the maps. */
const ENTRY_BYTES = 640
/** Of each, in a set: short texts of their own. */
const SCOPE_BYTES = 80

/**
 * Characters at the end of a header by which it is looked up, of the signature: whole headers are compared, and only these
 * are hashed. Who sends one token in two ways is verified more often, and nobody else.
 */
const TAIL_LENGTH = 32

interface Entry extends KnownToken {
  readonly authorization: string
}

export function createKnownTokens({ max, keys, registry, clock, counters }: KnownTokensOptions): KnownTokens {
  const known = createFairStore<Entry>({ maxBytes: max * USUAL_BYTES, clock })
  const hit = counters.counter('known_tokens', { outcome: 'hit' })
  const miss = counters.counter('known_tokens', { outcome: 'miss' })
  let keysVersion = keys.version()
  let grantsVersion = registry.version()
  let generation = 0

  function forgetIfChanged(): void {
    const keysNow = keys.version()
    const grantsNow = registry.version()
    if (keysNow === keysVersion && grantsNow === grantsVersion) return
    keysVersion = keysNow
    grantsVersion = grantsNow
    generation++
    known.clear()
  }

  function peek(authorization: string): KnownToken | undefined {
    forgetIfChanged()
    const found = known.get(tailOf(authorization))
    if (found?.authorization !== authorization || !isInItsTime(found.accessToken, clock.now())) return undefined
    return found
  }

  return {
    find(authorization) {
      const found = peek(authorization)
      if (found === undefined) miss()
      else hit()
      return found
    },
    peek,
    countKnown: hit,
    begin() {
      forgetIfChanged()
      const begunIn = generation
      return (authorization, found) => {
        forgetIfChanged()
        if (generation !== begunIn) return
        const { clientId, expiresAtMs } = found.accessToken
        // By client: one with many tokens pushes out its own.
        const bytes = bytesOf(authorization, found.accessToken)
        known.set(tailOf(authorization), { ...found, authorization }, bytes, clientId, expiresAtMs)
      }
    },
  }
}

function tailOf(authorization: string): string {
  return authorization.slice(-TAIL_LENGTH)
}

/** Asked each time at both ends: a clock may be set back. */
function isInItsTime({ usableFromMs, expiresAtMs }: AccessToken, now: number): boolean {
  return now >= usableFromMs && now < expiresAtMs
}

/** No less than the usual, so that the bound in bytes is one of entries, too. */
function bytesOf(authorization: string, { scopes }: AccessToken): number {
  return Math.max(USUAL_BYTES, ENTRY_BYTES + authorization.length + SCOPE_BYTES * scopes.size)
}
