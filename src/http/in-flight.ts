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
  /** Resolves as soon as nothing is owed. */
  idle(): Promise<void>
}

const LATEST = Symbol('latest answer')
type Tracked = Socket & { [LATEST]?: ServerResponse }

/** @param onClosed is called on every answer once its connection has let go of it, given or not */
export function trackInFlight(server: Server, onClosed: (response: ServerResponse) => void = () => {}): InFlight {
  const owed = new Set<ServerResponse>()
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
    idle: () =>
      new Promise(resolve => {
        waiting.push(resolve)
        settle()
      }),
  }
}
