import { type ExecutionResult, GraphQLError } from 'graphql'
import { GatewayError } from '../model/errors.ts'
import { SYSTEM_KEYS, type SystemKey } from '../model/system.ts'
import type { Plan } from '../operations/plan.ts'
import type { Gate } from '../systems/gate.ts'
import type { RequestContext } from './context.ts'

/**
 * The last look at an answer as a whole, when all of it is there: what was read early may have lost its right while the
 * rest was still being read. Called by the execution for every answer and every event; reads nothing.
 */

type Under = Pick<Plan, 'systemsUnder' | 'entitiesUnder'>

/**
 * The answer, without what the viewer may no longer have: each root field under which a system was read that is no longer
 * open to the viewer, or no longer in the epoch it was read in, is null, with the gate's own error; of a list of entities,
 * which may not be null, each is. The given answer is left as it is. Throws, and nothing of the answer may go out, where
 * the viewer no longer has the rights that it asked with.
 */
export function confirmAnswer(
  answer: ExecutionResult,
  { viewer, epochs }: Pick<RequestContext, 'viewer' | 'epochs'>,
  under: Under,
  gate: Gate,
): ExecutionResult {
  gate.confirmViewer(viewer)
  const refusals = new Map<SystemKey, GatewayError>()
  for (const [system, epoch] of epochs) {
    try {
      gate.confirm(system, viewer, epoch)
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      refusals.set(system, error)
    }
  }
  return refusals.size === 0 ? answer : withoutRefused(answer, under, refusals)
}

function withoutRefused(
  answer: ExecutionResult,
  { systemsUnder, entitiesUnder }: Under,
  refusals: ReadonlyMap<SystemKey, GatewayError>,
): ExecutionResult {
  const { data, errors = [] } = answer
  if (data == null) return answer
  const refused = new Map<string, GatewayError>()
  for (const key of Object.keys(data)) {
    // In the systems' own order, so that an answer does not depend on which read came back first.
    const system = SYSTEM_KEYS.find(one => refusals.has(one) && systemsUnder.get(key)?.has(one))
    const refusal = system && refusals.get(system)
    if (refusal) refused.set(key, refusal)
  }
  const nothing = (key: string, value: unknown) =>
    entitiesUnder.has(key) && Array.isArray(value) ? value.map(() => null) : null
  const entries = Object.entries(data).map(
    ([key, value]) => [key, refused.has(key) ? nothing(key, value) : value] as const,
  )
  // An error below a field that is gone would have no place in the answer.
  const others = errors.filter(({ path }) => !refused.has(String(path?.[0])))
  const own = [...refused].map(([key, error]) => new GraphQLError(error.message, { path: [key], originalError: error }))
  return { ...answer, data: Object.fromEntries(entries), errors: [...others, ...own] }
}
