import { randomUUID } from 'node:crypto'
import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { type ErrorCode, GatewayError } from '../model/errors.ts'
import { createErrorAnswer, type WordError } from './error-answer.ts'
import { exchangeOf } from './exchange.ts'
import type { InFlight } from './in-flight.ts'
import type { RequestLines } from './request-line.ts'

/**
 * Answers what is not HTTP, or not in time: Node gives up on such a request before any route sees it. Called by Node
 * with the bare socket, which is closed in every case, and answered only once the access log has a line of it. Never quotes what
 * the client sent.
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
  readonly lines: Pick<RequestLines, 'refuse' | 'flush'>
}

export function createClientErrorHandler({ inFlight, wordError, lines }: ClientErrorOptions) {
  return (error: NodeJS.ErrnoException, socket: Socket): void => {
    // What is answered by now must not go with the socket.
    lines.flush()
    const broken = brokenRequest(inFlight(), socket)
    if (!socket.writable || broken === 'answered') {
      socket.destroy()
      return
    }

    const fault = FAULTS[error.code ?? ''] ?? MALFORMED
    const reason = error.code ?? 'unknown'
    if (broken === 'not answerable') {
      const refusal = { requestId: randomUUID(), status: fault.status, code: fault.code, reason, isAnswered: false }
      lines.refuse({ ...refusal, broken: null }, { release: () => socket.destroy() })
      return
    }
    const requestId = broken === null ? randomUUID() : exchangeOf(broken.req).id
    const wording = { ...wordError(new GatewayError(fault.code, fault.message), requestId), httpStatus: fault.status }
    const { status, headers, body } = createErrorAnswer(wording, { requestId })
    const fields = Object.entries({ ...headers, connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`)
    if (broken !== null) broken.statusCode = status
    lines.refuse(
      { requestId, status, code: fault.code, reason, isAnswered: true, broken },
      {
        release(isWritten) {
          if (isWritten) socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${fields.join('')}\r\n${body}`)
          socket.destroySoon()
        },
      },
    )
  }
}

/**
 * The answer to the request that broke; null: it broke before it was one. What is written now passes for the answer to the first
 * request that has none. So where an earlier one waits nothing can be said, nor where this one is answered.
 */
function brokenRequest(inFlight: InFlight, socket: Socket): ServerResponse | null | 'not answerable' | 'answered' {
  const owed = inFlight.owedOn(socket)
  const latest = inFlight.latestOn(socket)
  if (latest === undefined || latest.req.complete) return owed.length === 0 ? null : 'not answerable'
  return owed.length === 1 && owed[0] === latest && !latest.headersSent ? latest : 'answered'
}
