import type { FastifyRequest } from 'fastify'
import { ensureError, GatewayError } from '../../model/errors.ts'
import type { Log } from '../../observe/log.ts'
import { StatementRefusal } from '../../recovery/statements/refusal.ts'
import type { TestAnswer } from '../../webhooks/webhooks.ts'
import type { DeadWebhookView, ErrorView, RetryView, WebhookView } from './api.ts'
import type { OperatorPort } from './port.ts'
import { readQuery } from './query.ts'
import type { AdminRoute } from './route.ts'

/**
 * The operators' routes on webhooks: how they stand, what was given up, and having it sent again. They need no signature:
 * nothing goes anywhere but where the configuration says, and nothing but what the partner there may read.
 */
export function webhookRoutes(
  operator: Pick<OperatorPort, 'webhooks'>,
  log: Pick<Log, 'info' | 'warn'>,
): readonly AdminRoute[] {
  /** The database's own words stay in the log: they may name hosts and users. */
  async function atOutbox<T>(work: Promise<T> | undefined): Promise<T | undefined> {
    try {
      return await work
    } catch (thrown) {
      const cause = ensureError(thrown)
      log.warn({ error: cause }, 'the outbox of webhooks could not be reached for an operator')
      throw new StatementRefusal(
        'JOURNAL_OUT_OF_REACH',
        'the outbox beside the journal cannot be reached now; try again',
        {
          cause,
        },
      )
    }
  }

  return [
    {
      method: 'GET',
      url: '/webhooks',
      handler: async ({ query }): Promise<readonly WebhookView[]> => {
        readQuery(query, [])
        return (await atOutbox(operator.webhooks?.views())) ?? []
      },
    },
    {
      method: 'GET',
      url: '/webhooks/dead',
      handler: async ({ query }): Promise<readonly DeadWebhookView[]> => {
        readQuery(query, [])
        return (await atOutbox(operator.webhooks?.dead())) ?? []
      },
    },
    {
      method: 'POST',
      url: '/webhooks/:endpoint/retry',
      handler: async ({ id: requestId, query, params }, reply) => {
        const { id = null } = readQuery(query, ['id'])
        const endpoint = endpointIn(params)
        const queued = (await atOutbox(operator.webhooks?.retry(endpoint, id))) ?? null
        if (queued === null) throw unknownEndpoint()
        if (queued > 0 || id === null)
          log.info({ requestId, endpoint, queued }, 'webhooks are tried again as an operator asked')
        return reply.code(202).send({ queued } satisfies RetryView)
      },
    },
    {
      method: 'POST',
      url: '/webhooks/:endpoint/test',
      handler: async ({ id: requestId, query, params }, reply) => {
        readQuery(query, [])
        const endpoint = endpointIn(params)
        const answer = (await atOutbox(operator.webhooks?.test(endpoint))) ?? null
        if (answer === null) throw unknownEndpoint()
        if (answer.kind !== 'queued') return reply.code(409).send(unsent(endpoint, answer))
        log.info({ requestId, endpoint }, 'a test webhook is sent as an operator asked')
        return reply.code(202).send({ queued: 1 } satisfies RetryView)
      },
    },
  ]
}

function endpointIn(params: FastifyRequest['params']): string {
  return (params as { readonly endpoint: string }).endpoint
}

function unsent(endpoint: string, answer: Exclude<TestAnswer, { readonly kind: 'queued' }>): ErrorView {
  const message =
    answer.kind === 'gone'
      ? `${endpoint} has been disabled since ${answer.since}, when its receiver answered 410; webhook retry ${endpoint} enables it.`
      : `The partner of ${endpoint} is disabled or has no restart:read, and is sent nothing; partner list shows it.`
  return { code: 'ENDPOINT_DISABLED', message }
}

const unknownEndpoint = (): GatewayError =>
  new GatewayError('NOT_FOUND', 'There is no such endpoint of webhooks; GET /webhooks has them all.')
