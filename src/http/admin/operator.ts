import type { FastifyInstance, FastifyRequest } from 'fastify'
import { GatewayError } from '../../model/errors.ts'
import { LIFECYCLES, SYSTEM_KEYS, type SystemKey, systemOfSlug, systemSlug } from '../../model/system.ts'
import type { Log } from '../../observe/log.ts'
import type { CheckView } from './api.ts'
import { createOperatorBounds } from './bound.ts'
import { createBrowserGuard } from './browser-guard.ts'
import { createJournalReads } from './journal.ts'
import type { OperatorPort } from './port.ts'
import { oneOf, readQuery, wholeNumber } from './query.ts'
import { type AdminRoute, registerAdminRoute } from './route.ts'
import { STATEMENT_MEDIA_TYPE, statementRoute } from './statements.ts'
import { webhookRoutes } from './webhooks.ts'

/**
 * The operators' routes on the admin listener: `admin-api.ts` has their types. They take statements, read, and
 * have webhooks sent again. They ask for no login: what changes anything is authorised by its signature alone.
 */

const MAX_ROWS = 5_000

export interface OperatorRoutesOptions {
  readonly operator: OperatorPort
  /** The address that the admin listener is configured with. */
  readonly host: string
  readonly log: Log
}

export function registerOperatorRoutes(app: FastifyInstance, { operator, host, log }: OperatorRoutesOptions): void {
  const guard = createBrowserGuard(host)
  app.addHook('onRequest', async ({ id, raw }) => {
    try {
      guard(raw)
    } catch (error) {
      log.warn({ requestId: id, error }, 'an admin request was refused for its headers')
      throw error
    }
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<string>(STATEMENT_MEDIA_TYPE, { parseAs: 'string' }, (_request, body, done) =>
    done(null, body.trim()),
  )
  for (const route of operatorRoutes(operator, log)) registerAdminRoute(app, route)
}

/** All of them: `docs/admin-api.md` has the same list. */
export function operatorRoutes(operator: OperatorPort, log: Pick<Log, 'info' | 'warn'>): readonly AdminRoute[] {
  const bounds = createOperatorBounds()
  const journal = createJournalReads({ operator, bound: bounds.journal, log })
  return [
    statementRoute({ operator, bounds, log }),
    get('/status', [], () => operator.status()),
    get('/systems/:slug/check', ['to'], ({ to }, system): Promise<CheckView> => {
      const step = oneOf(to, 'to', LIFECYCLES)
      return bounds.trials(() => operator.desk.check(system(), step))
    }),
    get('/systems/:slug/attestations', [], (_query, system) => operator.attestations(system())),
    get('/partners', [], () => operator.partners()),
    get('/journal', ['after', 'limit'], query => {
      const after = wholeNumber(query.after, { name: 'after', from: 0, to: Number.MAX_SAFE_INTEGER, preset: 0 })
      const limit = wholeNumber(query.limit, { name: 'limit', from: 1, to: MAX_ROWS, preset: 500 })
      return journal.page(after, limit)
    }),
    get('/journal/checkpoint', [], () => journal.checkpoint()),
    ...webhookRoutes(operator, log),
  ]
}

function get<const N extends string>(
  url: string,
  parameters: readonly N[],
  answer: (query: Readonly<Partial<Record<N, string>>>, system: () => SystemKey) => unknown,
): AdminRoute {
  return {
    method: 'GET',
    url,
    handler: async ({ query, params }) => answer(readQuery(query, parameters), () => systemIn(params)),
  }
}

function systemIn(params: FastifyRequest['params']): SystemKey {
  const { slug } = params as { readonly slug: string }
  const system = systemOfSlug(slug)
  if (system !== null) return system
  throw new GatewayError('NOT_FOUND', `There is no such system; there are ${SYSTEM_KEYS.map(systemSlug).join(', ')}.`)
}
