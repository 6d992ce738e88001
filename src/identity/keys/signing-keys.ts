import type { JWTVerifyGetKey } from 'jose'
import type { KeySource } from '../../config/identity-schema.ts'

/** The issuer's public keys (RFC 7517), wherever they come from. Asked by the verifier, opened by `open-keys.ts`. */
export interface SigningKeys {
  /** The key that a token's header names; throws where there is none. */
  readonly find: JWTVerifyGetKey
  /**
   * Another value, by `===`, as soon as other keys count, or those that are known may no longer be used: what was verified
   * under the one is to be verified anew under the other. Cheap; keys that are due are asked for, and not waited for.
   */
  version(): unknown
  health(): KeysHealth
  close(): Promise<void>
}

export interface KeysHealth {
  readonly source: KeySource['kind']
  /** Since they were last fetched; null: never, or they stand in a file. */
  readonly ageSeconds: number | null
  /** Whether tokens can be verified with them. */
  readonly usable: boolean
  /** Whether the issuer answered the last time it was asked; null: not yet, or it is not asked. */
  readonly reachable: boolean | null
  /** Why not. */
  readonly failure: string | null
}
