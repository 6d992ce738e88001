import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'

/** A receiver of webhooks on a loopback port: it checks each message with the library of the specification, and answers as a test says. */
export interface Receiver {
  readonly url: string
  /** Every request so far, whatever it was answered. */
  readonly requests: readonly Received[]
  /** What it answers from now on; left out: 204. */
  answer: (request: Received, response: ServerResponse) => void
  /** Forgets what it has received, and takes everything again. */
  reset(): void
  close(): Promise<void>
}

export interface Received {
  readonly id: string
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly type: string
  // biome-ignore lint/suspicious/noExplicitAny: messages are looked into by path in tests
  readonly data: any
  /** Whether the signature is that of the secret, for the time that the message says. */
  readonly isSigned: boolean
}

export const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
export const taken = (_: unknown, response: ServerResponse): void => void response.writeHead(204).end()
export const answering =
  (status: number, headers: Readonly<Record<string, string>> = {}) =>
  (_: unknown, response: ServerResponse): void =>
    void response.writeHead(status, headers).end()

export async function startReceiver(secret: string = SECRET): Promise<Receiver> {
  const requests: Received[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const received = receivedOf(request.headers, Buffer.concat(chunks).toString(), secret)
    requests.push(received)
    receiver.answer(received, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/restart`,
    requests,
    answer: taken,
    reset() {
      requests.length = 0
      receiver.answer = taken
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return receiver
}

function receivedOf(headers: IncomingHttpHeaders, text: string, secret: string): Received {
  const [id, seconds, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map(name =>
    String(headers[name]),
  ) as [string, string, string]
  const { type, data } = JSON.parse(text)
  const expected = new Webhook(secret).sign(id, new Date(Number(seconds) * 1_000), text)
  return { id, headers, text, type, data, isSigned: signatures.split(' ').includes(expected) }
}
