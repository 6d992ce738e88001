import { GatewayError } from '../model/errors.ts'
import type { Viewer } from '../model/viewer.ts'
import type { ScopeRequirement } from './declarations.ts'
import type { Plan } from './plan.ts'

/**
 * Checks the viewer's scopes against the plan, before anything runs and before any cache is read. An operation that
 * asks for one forbidden field fails whole: it is a mistake in the client, and half an answer would hide it.
 */
export function authorize(plan: Plan, viewer: Viewer): void {
  // On the way of every request: nothing is made where nothing is refused.
  if (plan.guarded.every(({ requirements }) => requirements.every(requirement => isMet(requirement, viewer.scopes))))
    return
  const fields = plan.guarded.flatMap(({ coordinate, requirements }) => {
    const missingScopes = requirements.flatMap(requirement => missing(requirement, viewer.scopes))
    return missingScopes.length > 0 ? [{ field: coordinate, missingScopes: [...new Set(missingScopes)] }] : []
  })
  const wanted = fields.map(({ field, missingScopes }) => `${field} needs ${missingScopes.join(' and ')}`).join('; ')
  throw new GatewayError('FORBIDDEN', `You do not hold the scopes for this operation: ${wanted}.`, {
    details: { fields },
  })
}

function isMet(requirement: ScopeRequirement, held: ReadonlySet<string>): boolean {
  return requirement.some(alternative => alternative.every(scope => held.has(scope)))
}

/** The scopes that the viewer lacks for the alternative that is nearest to being met; none where one is met. */
function missing(requirement: ScopeRequirement, held: ReadonlySet<string>): readonly string[] {
  const lacking = requirement.map(alternative => alternative.filter(scope => !held.has(scope)))
  return lacking.reduce((nearest, other) => (other.length < nearest.length ? other : nearest), lacking[0] ?? [])
}
