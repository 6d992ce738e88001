import { createAdmission } from '../../src/admission/admission.ts'
import type { Clock } from '../../src/model/clock.ts'
import { createCounters } from '../../src/observe/counters.ts'

/** An admission that counts and holds nobody back for the load, for tests of what stands behind it. */
export const unloadedAdmission = (clock: Clock) =>
  createAdmission({
    settings: { inFlightPerPartner: 50, refusedDocumentCost: 50, loopDelayMs: 0, reservedPerSecond: 0 },
    memoryBound: Infinity,
    store: null,
    clock,
    counters: createCounters(),
  })
