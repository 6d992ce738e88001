import type { FastifyReply, FastifyRequest } from 'fastify'
import { decodeProtectedHeader } from 'jose'
import { GatewayError } from '../../model/errors.ts'
import type { Log } from '../../observe/log.ts'
import { StatementRefusal } from '../../recovery/statements/refusal.ts'
import { type KindName, STATEMENT_KINDS } from '../../recovery/statements/statement-kinds.ts'
import type { DryRunView, ReceiptView } from './api.ts'
import type { OperatorBounds } from './bound.ts'
import { refusalView } from './errors.ts'
import type { OperatorPort } from './port.ts'
import { oneOf, readQuery } from './query.ts'
import type { AdminRoute } from './route.ts'

/**
 * The route on which statements are handed in, and tried without being handed in. It decides nothing: who may say what
 * is settled by the signature, at the desk. A statement is never written to the log, only what became of it.
 */

/** RFC 7515 §9.2.1: the compact serialization. It has no parameters. */
export const STATEMENT_MEDIA_TYPE = 'application/jose'
const STATEMENT_BYTES = 65_536

export interface StatementRouteOptions {
  readonly operator: Pick<OperatorPort, 'desk' | 'impact'>
  readonly bounds: Pick<OperatorBounds, 'statements' | 'trials'>
  readonly log: Pick<Log, 'info' | 'warn'>
}

export function statementRoute({ operator, bounds, log }: StatementRouteOptions): AdminRoute {
  const { desk, impact } = operator

  async function tryOut(token: string, requestId: string): Promise<DryRunView> {
    return bounds.trials(async () => {
      const { refusal, guards, before, after } = await desk.preview(token)
      log.info({ requestId, kind: claimedKind(token), code: refusal?.code ?? null }, 'a statement was tried out')
      return { refusal: refusal && refusalView(refusal), guards, ...(await impact(before, after)) }
    })
  }

  async function handIn(token: string, requestId: string): Promise<ReceiptView> {
    try {
      const { sequence, recordedAt, statement, guards } = await bounds.statements(() => desk.submit(token))
      const { id, kind, signedBy } = statement
      const { name, role } = signedBy
      log.info({ requestId, statement: id, kind, name, role, sequence }, 'a statement was accepted')
      return { sequence, recordedAt, id, kind, guards }
    } catch (thrown) {
      if (thrown instanceof StatementRefusal) {
        const { code, message: reason } = thrown
        log.warn({ requestId, kind: claimedKind(token), code, reason }, 'a statement was refused')
      }
      throw thrown
    }
  }

  return {
    method: 'POST',
    url: '/statements',
    bodyLimit: STATEMENT_BYTES,
    onRequest: async ({ headers, query }) => {
      isDryRun(query)
      assertStatementBody(headers['content-type'], headers['content-encoding'])
    },
    handler: async (request: FastifyRequest, reply: FastifyReply) => {
      const token = String(request.body)
      if (isDryRun(request.query)) return tryOut(token, request.id)
      const receipt = await handIn(token, request.id)
      return reply.code(201).send(receipt)
    },
  }
}

function isDryRun(query: unknown): boolean {
  return oneOf(readQuery(query, ['dryRun']).dryRun, 'dryRun', ['true']) !== null
}

function assertStatementBody(contentType: string | undefined, contentEncoding: string | undefined): void {
  if (contentType?.trim().toLowerCase() !== STATEMENT_MEDIA_TYPE)
    throw new GatewayError('UNSUPPORTED_MEDIA_TYPE', `POST takes Content-Type: ${STATEMENT_MEDIA_TYPE}.`)
  if (contentEncoding !== undefined && contentEncoding.toLowerCase() !== 'identity')
    throw new GatewayError('UNSUPPORTED_MEDIA_TYPE', 'POST takes bodies without Content-Encoding.')
}

/** The kind that a token claims to be, for the log alone: nothing has been verified. Null: none that is known. */
function claimedKind(token: string): KindName | null {
  try {
    const { typ } = decodeProtectedHeader(token)
    return STATEMENT_KINDS.find(({ kind }) => typ === `${kind}+jwt`)?.kind ?? null
  } catch {
    return null
  }
}
