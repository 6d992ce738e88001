import { connect } from 'node:net'

/** Where in an exchange a client leaves: after so much of its request, or after so much of the answer. */
export type Departure =
  | { readonly after: 'request'; readonly share: number }
  | { readonly after: 'answer'; readonly bytes: number }

export interface Exchange {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Asks on a connection of its own and breaks it there; gives what had come of the answer by then, headers and all. */
export function hangUp({ url, headers, body }: Exchange, departure: Departure): Promise<string> {
  const { hostname, port, host } = new URL(url)
  // So that an answer that is shorter than it waits for ends the exchange all the same.
  const lines = Object.entries({
    host,
    connection: 'close',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  })
  const request = `POST /graphql HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`
  return new Promise(resolve => {
    const socket = connect(Number(port), hostname)
    let received = Buffer.alloc(0)
    // A gateway may well be the first to give up on half a request.
    socket.on('error', () => {})
    socket.on('close', () => resolve(received.toString('latin1')))
    socket.on('connect', () => {
      if (departure.after === 'answer') socket.write(request)
      else socket.write(request.slice(0, Math.ceil(request.length * departure.share)), () => socket.resetAndDestroy())
    })
    socket.on('data', chunk => {
      received = Buffer.concat([received, chunk])
      if (departure.after === 'answer' && received.length >= departure.bytes) socket.resetAndDestroy()
    })
  })
}
