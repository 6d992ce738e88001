import type { ClientTls } from '../model/client-tls.ts'
import type { RecoveryPolicy } from './policy.ts'

/** How a site sets up its restart; the section `recovery` of the configuration has this shape. */
export interface RestartSettings {
  /** The incident that statements must name, such as `INC-2025-0901`. */
  readonly incident: string
  /** This gateway as statements must name it, so that none for another gateway counts here. */
  readonly audience: string
  /** The pinned keys of all signatories, the gateway's included; with the digest of the file, where it is given. */
  readonly keys: { readonly file: string; readonly sha256: string | null }
  /** File of the gateway's own private key. */
  readonly signingKey: string
  readonly journal:
    | { readonly kind: 'embedded' }
    | {
        readonly kind: 'postgres'
        readonly connectionString: string
        readonly tls?: ClientTls | undefined
        readonly schema: string
        readonly connectTimeoutMs: number
        readonly statementTimeoutMs: number
      }
  /** Time between two looks at the journal, beside those that a notification brings. */
  readonly pollMs: number
  readonly checkpoints: { readonly file: string; readonly everyEntries: number; readonly everySeconds: number }
  /** Time between two measurements of control totals and freshness. */
  readonly watchSeconds: number
  readonly policy: RecoveryPolicy
}
