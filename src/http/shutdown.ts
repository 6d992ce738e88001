/**
 * Stops the process's listeners in good order, then what they stand on. Called by the process on a signal; never exits.
 */

/** A Fastify instance with `drain()`. */
export interface StoppableServer {
  drain(): Promise<void>
  close(): PromiseLike<unknown>
  readonly server: { closeAllConnections(): void }
}

export interface ShutdownOptions {
  /** Stopped one after the other: partners first, so that health and metrics can be read meanwhile. */
  readonly servers: readonly StoppableServer[]
  /** Closes the connectors and everything else, once nothing can ask them any more. */
  readonly close: () => Promise<void>
  /** Time for the requests in flight, of all servers together; then their connections are cut. */
  readonly graceMs: number
}

export interface Shutdown {
  /** Idempotent: every call gives the same promise. Rejects where `close` or a server fails, after all have been tried. */
  stop(): Promise<void>
}

export function createShutdown({ servers, close, graceMs }: ShutdownOptions): Shutdown {
  let stopped: Promise<void> | undefined

  async function stopAll(): Promise<void> {
    const grace = startGrace(graceMs)
    const failures: unknown[] = []
    for (const step of [...servers.map(server => () => stopServer(server, grace.over)), close])
      await step().catch((failure: unknown) => failures.push(failure))
    grace.end()
    if (failures.length > 0) throw new AggregateError(failures, 'not everything could be closed')
  }

  return {
    stop: () => {
      stopped ??= stopAll()
      return stopped
    },
  }
}

async function stopServer(server: StoppableServer, graceOver: Promise<void>): Promise<void> {
  const cut = graceOver.then(() => server.server.closeAllConnections())
  await Promise.race([server.drain(), cut])
  await server.close()
}

function startGrace(graceMs: number): { readonly over: Promise<void>; end(): void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, graceMs)
  return { over: promise, end: () => clearTimeout(timer) }
}
