import type { RestartStatusResolvers } from '../src/graphql/schema.generated.ts'
import { GatewayError } from '../src/model/errors.ts'
import { SYSTEM_KEYS } from '../src/model/system.ts'
import type { PartnerRole } from '../src/model/viewer.ts'
import { isMeantFor } from '../src/recovery/lifecycle/served.ts'
import type { RecoveryState } from '../src/recovery/state.ts'

/** The restart as partners read it: derived from the same state that the gate obeys. */

/** The state with only those updates and planned reopenings that are meant for the viewer. */
export function restartStatusFor(
  state: RecoveryState,
  { roles, wave }: { readonly roles: readonly PartnerRole[]; readonly wave: number | null },
): RecoveryState {
  return {
    ...state,
    updates: state.updates.filter(({ audience }) => isAddressedTo(audience, roles)),
    plannedReopenings: state.plannedReopenings.filter(
      planned => roles.includes('INTERNAL') || isMeantFor(planned, wave),
    ),
  }
}

/** Whether an update for this audience is meant for a partner in these roles; no audience is everybody. */
export function isAddressedTo(audience: readonly PartnerRole[], roles: readonly PartnerRole[]): boolean {
  return audience.length === 0 || audience.some(role => roles.includes(role))
}

export const RestartStatus: RestartStatusResolvers = {
  systems: state => SYSTEM_KEYS.map(key => state.systems[key]),
  updates: ({ updates }, { first, after }) => {
    const start = after == null ? 0 : updates.findIndex(update => update.id === after) + 1
    if (after != null && start === 0) {
      throw new GatewayError('BAD_USER_INPUT', 'after: is not a cursor of this list.', {
        details: { argument: 'after' },
      })
    }
    const edges = updates.slice(start, start + first).map(node => ({ cursor: node.id, node }))
    return {
      edges,
      pageInfo: {
        hasNextPage: start + first < updates.length,
        hasPreviousPage: start > 0,
        startCursor: edges[0]?.cursor ?? null,
        endCursor: edges.at(-1)?.cursor ?? null,
      },
    }
  },
}
