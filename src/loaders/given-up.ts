import { GatewayError } from '../model/errors.ts'
import type { SystemKey } from '../model/system.ts'
import { LastKnown } from '../systems/last-known.ts'

/**
 * The systems that have not answered a request in time: what else it would ask of them would only wait as long again. Kept
 * by the reads of the request, for as long as those.
 */
export interface GivenUp {
  /** Why the system is not to be asked any more; null: it may be. */
  of(system: SystemKey): GatewayError | null
  /** The read, heard out for failures: what it rejects with, and those among what it gives. */
  hear<T>(system: SystemKey, read: Promise<T>, givenIn: (read: T) => readonly unknown[]): Promise<T>
}

export function createGivenUp(): GivenUp {
  const systems = new Map<SystemKey, GatewayError>()

  function note(system: SystemKey, given: unknown): void {
    const failure = given instanceof LastKnown ? given.failure : given
    if (failure instanceof GatewayError && failure.code === 'DEADLINE_EXCEEDED') systems.set(system, failure)
  }

  return {
    of: system => systems.get(system) ?? null,
    async hear(system, read, givenIn) {
      try {
        const given = await read
        for (const one of givenIn(given)) note(system, one)
        return given
      } catch (thrown) {
        note(system, thrown)
        throw thrown
      }
    },
  }
}
