import type { SubscriptionResolvers } from '../src/graphql/schema.generated.ts'
import { isMeantFor } from './restart-status.ts'

export const Subscription: SubscriptionResolvers = {
  restoredSystemChanged: {
    subscribe: (_, __, { knowledge }) =>
      knowledge.restartChanges(change => (change.kind === 'system' ? { restoredSystemChanged: change.system } : null)),
  },
  restartUpdatePublished: {
    subscribe: (_, __, { knowledge, facts }) =>
      knowledge.restartChanges(change =>
        change.kind === 'update' && isMeantFor(change.update.audience, facts.roles)
          ? { restartUpdatePublished: change.update }
          : null,
      ),
  },
}
