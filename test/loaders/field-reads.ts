import { createReads, type Reads } from '../../src/loaders/reads.ts'
import type { Viewer } from '../../src/model/viewer.ts'
import type { Systems } from '../../src/systems/systems.ts'
import { readsOfAll } from '../support/reads-of-all.ts'

/** The reads of fields of one request, each of its own system, in one. Nothing that was given last may stand in. */
export function fieldReads(systems: Systems, viewer: Viewer): Reads {
  return readsOfAll(createReads(systems, viewer, { now: () => 0 }))
}
