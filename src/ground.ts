import type { GraphQLSchema } from 'graphql'
import type { Admission } from './admission/admission.ts'
import type { AccessLog } from './http/access-log.ts'
import type { SignInAsSample } from './http/web/sample-sign-in.ts'
import type { WebBuild } from './http/web/web-build.ts'
import type { Authenticator } from './identity/authenticate.ts'
import type { Identity } from './identity/identity.ts'
import type { PartnerRegistry } from './identity/partner-registry.ts'
import type { Clock } from './model/clock.ts'
import type { SiteDirectory } from './model/directory.ts'
import type { SystemKey } from './model/system.ts'
import type { Counters } from './observe/counters.ts'
import type { Log } from './observe/log.ts'
import type { Tracing } from './observe/tracing.ts'
import type { Evidence } from './recovery/reading/evidence.ts'
import type { Recovery } from './recovery/recovery.ts'
import type { SharedStore } from './store/shared-store.ts'
import type { Gate } from './systems/gate.ts'
import type { RestoredSystem } from './systems/restored-system.ts'
import type { Systems } from './systems/systems.ts'

/**
 * What the API that partners meet stands on: laid by the composition root, and by the self-test over rows of its own.
 */
export interface Ground {
  readonly sites: SiteDirectory
  readonly recovery: Recovery
  readonly evidence: (system: SystemKey) => readonly Evidence[]
  readonly restored: Readonly<Record<SystemKey, RestoredSystem>>
  /** The same, behind the gate. */
  readonly systems: Systems
  readonly gate: Gate
  readonly registry: PartnerRegistry
  /** Null: this instance is by itself. */
  readonly store: SharedStore | null
  readonly authenticate: Authenticator
  readonly knownViewer: Identity['knownViewer']
  readonly isKnown: Identity['isKnown']
  readonly countKnown: Identity['countKnown']
  readonly admission: Admission
  /** Null: requests leave their lines in the log. */
  readonly accessLog: AccessLog | null
  /** Null: no traces are made. */
  readonly tracing: Tracing | null
  /** Null: no pages are served. */
  readonly web: WebBuild | null
  /** Null, but in the embedded default. */
  readonly signInAsSample: SignInAsSample | null
  readonly clock: Clock
  readonly log: Log
  readonly counters: Counters
  /** How operations are executed; the defaults are what serves partners. */
  readonly execution?: { readonly compiled: boolean; readonly cached: boolean } | undefined
  /** Takes the resolvers, so it is for one API alone. Default: the partner schema, read anew. */
  readonly schema?: GraphQLSchema
}
