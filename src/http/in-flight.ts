import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * The answers that a server still owes. The drain waits for them; the client-error handler asks whether bytes that it
 * writes to a broken connection could be taken for the answer to another request.
 */
export interface InFlight {
  /** All of them. */
  owed(): Iterable<ServerResponse>
  owedOn(socket: Socket): readonly ServerResponse[]
  /** The answer, owed or given, to the last request that came over a connection. */
  latestOn(socket: Socket): ServerResponse | undefined
  /** Connections over which nothing has come yet, as browsers and balancers open them beforehand. */
  silent(): readonly Socket[]
  /** Resolves as soon as nothing is owed. */
  idle(): Promise<void>
}

const LATEST = Symbol('latest answer')
type Tracked = Socket & { [LATEST]?: ServerResponse }

/** @param onClosed is called on every answer once its connection has let go of it, given or not */
export function trackInFlight(server: Server, onClosed: (response: ServerResponse) => void = () => {}): InFlight {
  const owed = new Set<ServerResponse>()
  const connections = new Set<Socket>()
  let waiting: (() => void)[] = []

  const settle = () => {
    if (owed.size > 0) return
    for (const resolve of waiting) resolve()
    waiting = []
  }
  // One for all answers, which it is called on: of each, nothing more is kept than that it is owed.
  function given(this: ServerResponse): void {
    owed.delete(this)
    onClosed(this)
    if (waiting.length > 0) settle()
  }

  const connected = (socket: Socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  }
  // Of TLS there are two: the one beneath has said something as soon as the client has begun to greet.
  server.on('connection', connected).on('secureConnection', connected)
  server.prependListener('request', ({ socket }, response) => {
    owed.add(response)
    ;(socket as Tracked)[LATEST] = response
    response.on('close', given)
  })

  return {
    owed: () => owed,
    // Only asked for what is broken, so that the others need no list for each connection.
    owedOn: socket => [...owed].filter(({ req }) => req.socket === socket),
    latestOn: (socket: Tracked) => socket[LATEST],
    silent: () => [...connections].filter(({ bytesRead }) => bytesRead === 0),
    idle: () =>
      new Promise(resolve => {
        waiting.push(resolve)
        settle()
      }),
  }
}
