import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * The answers that a server still owes, by connection. The drain waits for them; the client-error handler asks whether
 * bytes that it writes to a broken connection could be taken for the answer to another request.
 */
export interface InFlight {
  owedOn(socket: Socket): readonly ServerResponse[]
  /** The answer, owed or given, to the last request that came over a connection. */
  latestOn(socket: Socket): ServerResponse | undefined
  /** Resolves as soon as nothing is owed. */
  idle(): Promise<void>
}

export function trackInFlight(server: Server): InFlight {
  const owed = new Map<Socket, Set<ServerResponse>>()
  const latest = new WeakMap<Socket, ServerResponse>()
  let waiting: (() => void)[] = []

  const settle = () => {
    if (owed.size > 0) return
    for (const resolve of waiting) resolve()
    waiting = []
  }

  server.prependListener('request', ({ socket }, response) => {
    const responses = owed.get(socket) ?? new Set()
    owed.set(socket, responses.add(response))
    latest.set(socket, response)
    response.once('close', () => {
      responses.delete(response)
      if (responses.size === 0) owed.delete(socket)
      settle()
    })
  })

  return {
    owedOn: socket => [...(owed.get(socket) ?? [])],
    latestOn: socket => latest.get(socket),
    idle: () =>
      new Promise(resolve => {
        waiting.push(resolve)
        settle()
      }),
  }
}
