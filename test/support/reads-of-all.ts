import type { Reads, RequestReads } from '../../src/loaders/reads.ts'
import type { AnyRelation } from '../../src/systems/connector.ts'

const NOTHING_LAST_KNOWN = { lastKnownGoodSeconds: 0, onLastKnown: () => {} }

/** The reads of a request for all systems in one, for resolvers without a guard. What was given last never stands in. */
export function readsOfAll(request: RequestReads): Reads {
  const of = ({ system }: AnyRelation) => request.of({ system, ...NOTHING_LAST_KNOWN })
  return {
    one: (relation, ...rest) => of(relation).one(relation, ...rest),
    many: (relation, ...rest) => of(relation).many(relation, ...rest),
    page: (relation, ...rest) => of(relation).page(relation, ...rest),
    all: (relation, ...rest) => of(relation).all(relation, ...rest),
    once: request.of({ system: 'PARTS_LOGISTICS', ...NOTHING_LAST_KNOWN }).once,
  }
}
