import { type DocumentNode, type ExecutionResult, type FormattedExecutionResult, GraphQLError, parse } from 'graphql'
import type { Clock } from '../../model/clock.ts'
import { GatewayError } from '../../model/errors.ts'
import type { Viewer } from '../../model/viewer.ts'
import type { Log } from '../../observe/log.ts'
import type { Variables } from '../../operations/cost.ts'
import { assertShallow } from '../../operations/nesting.ts'
import type { Recovery } from '../../recovery/recovery.ts'
import { reportErrors } from '../answering.ts'
import {
  createRequestContext,
  type Knowledge,
  NO_REQUEST_READS,
  type RequestContext,
  type RequestObserver,
} from '../context.ts'
import type { Execution } from '../execution.ts'
import { type PlanningSteps, planOperation } from '../planned-operation.ts'
import { createEventStream, type EventStream } from './event-stream.ts'

/**
 * Subscriptions: from the text of one to the stream of its answers, by the same steps as any operation. Called by the
 * stream's route. What subscriptions push comes from the gateway's own journal: they are given nothing to read a
 * restored system with.
 */
export interface Subscriptions {
  /** Tells the question once it is let in. @throws GatewayError, and then nothing has begun */
  open(asked: AskedSubscription, asker: Asker, planned: RequestObserver['planned']): Promise<EventStream>
}

export interface AskedSubscription {
  readonly query: string
  readonly operationName: string | undefined
  readonly variables: Variables | undefined
}

export interface Asker {
  readonly requestId: string
  readonly viewer: Viewer
  /** When the access token stops being accepted, in milliseconds since the Unix epoch. */
  readonly expiresAtMs: number
}

export interface SubscriptionsOptions extends PlanningSteps {
  readonly execution: Execution
  readonly knowledge: Knowledge
  readonly maxTokens: number
  readonly recovery: Pick<Recovery, 'onChange'>
  /** Whether the viewer still has the rights that it was made with. */
  readonly isCurrent: (viewer: Viewer) => boolean
  readonly clock: Clock
  readonly log: Pick<Log, 'warn' | 'error'>
}

export function createSubscriptions(options: SubscriptionsOptions): Subscriptions {
  const { execution, knowledge, maxTokens, recovery, isCurrent, clock, log } = options
  return {
    async open({ query, operationName, variables }, { requestId, viewer, expiresAtMs }, planned) {
      const document = parseDocument(query, maxTokens)
      const asked = { source: query, document, operationName, variables, kind: 'subscription' } as const
      const question = await planOperation(options, asked, viewer)
      planned(question)
      const { plan, variables: coerced } = question
      // A context for each answer: what one has looked up is not what the next one should see.
      const createContext = (): RequestContext => ({
        ...createRequestContext(requestId, viewer, NO_REQUEST_READS, knowledge),
        plan,
        variables: coerced,
      })
      const word = ({ errors, ...rest }: ExecutionResult): FormattedExecutionResult =>
        errors === undefined || errors.length === 0 ? rest : { ...rest, errors: reportErrors(errors, requestId, log) }
      return createEventStream({
        events: await execution.subscribe(createContext()),
        answer: event => execution.answerEvent(event, createContext()),
        word,
        right: {
          expiresAtMs,
          isCurrent: () => isCurrent(viewer),
          onChange: listener => recovery.onChange(listener),
        },
        clock,
        onFailure: error => log.error({ error, requestId }, 'a stream failed'),
      })
    },
  }
}

function parseDocument(source: string, maxTokens: number): DocumentNode {
  try {
    assertShallow(source, maxTokens)
    return parse(source, { maxTokens })
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    throw new GatewayError('GRAPHQL_PARSE_FAILED', error.message)
  }
}
