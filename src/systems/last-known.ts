import type { GatewayError } from '../model/errors.ts'
import type { LastRead } from './last-known-good/last-known-good.ts'

/**
 * What a system gave last, in the place of what it cannot give now. Handed on by `systems.ts` to the loaders, which give it
 * to the fields that declare they may have it, and the failure to all others.
 */
export class LastKnown<T> {
  readonly lastRead: LastRead<T>
  /** Why the system did not give it now. */
  readonly failure: GatewayError

  constructor(lastRead: LastRead<T>, failure: GatewayError) {
    this.lastRead = lastRead
    this.failure = failure
  }
}
