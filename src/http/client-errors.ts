import { randomUUID } from 'node:crypto'
import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { type ErrorCode, GatewayError } from '../model/errors.ts'
import type { Log } from '../observe/log.ts'
import { createErrorAnswer, type WordError } from './error-answer.ts'
import { exchangeOf } from './exchange.ts'
import type { InFlight } from './in-flight.ts'

/**
 * Answers what is not HTTP, or not in time: Node gives up on such a request before any route sees it. Called by Node
 * with the bare socket, which is closed in every case. Never quotes what the client sent.
 */

interface Fault {
  readonly status: number
  readonly code: ErrorCode
  readonly message: string
}

const FAULTS: Readonly<Record<string, Fault>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: 'BAD_REQUEST', message: 'The request took too long to arrive.' },
  HPE_HEADER_OVERFLOW: { status: 431, code: 'BAD_REQUEST', message: 'The URL and headers are too long.' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    status: 413,
    code: 'PAYLOAD_TOO_LARGE',
    message: 'The chunk extensions are too long.',
  },
}
const MALFORMED: Fault = { status: 400, code: 'BAD_REQUEST', message: 'The request is not well-formed HTTP.' }

export interface ClientErrorOptions {
  readonly inFlight: () => InFlight
  readonly wordError: WordError
  readonly log: Log
}

export function createClientErrorHandler({ inFlight, wordError, log }: ClientErrorOptions) {
  return (error: NodeJS.ErrnoException, socket: Socket): void => {
    const broken = brokenRequest(inFlight(), socket)
    if (!socket.writable || broken === 'not answerable') {
      socket.destroy()
      return
    }

    const fault = FAULTS[error.code ?? ''] ?? MALFORMED
    const requestId = broken === undefined ? randomUUID() : exchangeOf(broken.req).id
    const wording = { ...wordError(new GatewayError(fault.code, fault.message), requestId), httpStatus: fault.status }
    const { status, headers, body } = createErrorAnswer(wording, { requestId })
    const lines = Object.entries({ ...headers, connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`)
    if (broken !== undefined) broken.statusCode = status
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`)
    socket.destroySoon()
    log.info({ requestId, status, reason: error.code ?? 'unknown' }, 'refused what is not a request')
  }
}

/**
 * The answer to the request that broke; undefined: it broke before it was one. What is written now passes for the answer
 * to the first request that has none, so with an earlier one waiting, or this one answered, nothing can be said.
 */
function brokenRequest(inFlight: InFlight, socket: Socket): ServerResponse | undefined | 'not answerable' {
  const owed = inFlight.owedOn(socket)
  const latest = inFlight.latestOn(socket)
  if (latest === undefined || latest.req.complete) return owed.length === 0 ? undefined : 'not answerable'
  return owed.length === 1 && owed[0] === latest && !latest.headersSent ? latest : 'not answerable'
}
