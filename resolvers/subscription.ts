import type { SubscriptionResolvers } from '../src/graphql/schema.generated.ts'
import { isSeenBy } from '../src/graphql/subscriptions/restart-changes.ts'
import { isAddressedTo } from './restart-status.ts'

export const Subscription: SubscriptionResolvers = {
  restoredSystemChanged: {
    subscribe: (_, __, { knowledge, facts }) => {
      const reader = { wave: facts.wave, readsEvidence: facts.viewer.scopes.has('evidence:read') }
      return knowledge.restartChanges(change =>
        change.kind === 'system' && isSeenBy(change, reader) ? { restoredSystemChanged: change.system } : null,
      )
    },
  },
  restartUpdatePublished: {
    subscribe: (_, __, { knowledge, facts }) =>
      knowledge.restartChanges(change =>
        change.kind === 'update' && isAddressedTo(change.update.audience, facts.roles)
          ? { restartUpdatePublished: change.update }
          : null,
      ),
  },
}
