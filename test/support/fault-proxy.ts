import { once } from 'node:events'
import { createServer, connect as dial, type Server, type Socket } from 'node:net'

/**
 * A TCP proxy between the gateway and a source, which spoils what passes as a network, a dying server or a bad cable
 * would. A fault holds for connections that are open and for new ones, until another is laid.
 */
export const FAULTS = [
  'latency',
  'reset',
  'truncate',
  'black hole',
  'accept and hang',
  'refuse',
  'drip',
  'bit flip',
  'freeze',
] as const
export type Fault = (typeof FAULTS)[number]

export interface FaultProxy {
  /** Loopback port that leads to the source. */
  readonly port: number
  /** Connections made to it so far. */
  connections(): number
  /** Null: everything passes. */
  lay(fault: Fault | null): Promise<void>
  close(): Promise<void>
}

const LATENCY_MS = 50
const DRIP_MS = 250
/** What passes of an answer before it is cut. */
const TRUNCATED_BYTES = 100

export async function startFaultProxy(target: { readonly host: string; readonly port: number }): Promise<FaultProxy> {
  let fault: Fault | null = null
  let connections = 0
  const open = new Set<Socket>()
  let server: Server | null = null

  function join(client: Socket): void {
    connections += 1
    const source = dial(target)
    for (const socket of [client, source]) {
      open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        open.delete(socket)
        client.destroy()
        source.destroy()
      })
    }
    let passed = 0
    client.on('data', chunk => {
      if (fault === 'reset') reset(client)
      else if (fault !== 'black hole' && fault !== 'accept and hang') source.write(chunk)
    })
    source.on('data', chunk => void spoilt(chunk))

    async function spoilt(chunk: Buffer): Promise<void> {
      switch (fault) {
        case null:
          passed = 0
          client.write(chunk)
          return
        case 'latency':
          source.pause()
          await wait(LATENCY_MS)
          client.write(chunk)
          source.resume()
          return
        case 'reset':
          reset(client)
          return
        case 'truncate': {
          const rest = chunk.subarray(0, Math.max(0, TRUNCATED_BYTES - passed))
          passed += rest.length
          client.write(rest)
          if (passed >= TRUNCATED_BYTES) client.end()
          return
        }
        case 'drip':
          source.pause()
          for (const byte of chunk) {
            if (fault !== 'drip' || client.destroyed) break
            client.write(Buffer.of(byte))
            await wait(DRIP_MS)
          }
          source.resume()
          return
        case 'bit flip': {
          const flipped = Buffer.from(chunk)
          const at = Math.floor(flipped.length / 2)
          flipped[at] = (flipped[at] ?? 0) ^ 1
          client.write(flipped)
          return
        }
        case 'black hole':
        case 'accept and hang':
        case 'freeze':
        case 'refuse':
          return
        default:
          return fault satisfies never
      }
    }
  }

  async function listen(port: number): Promise<Server> {
    const started = createServer(join).listen(port, '127.0.0.1')
    await once(started, 'listening')
    return started
  }

  const cut = () => {
    for (const socket of open) reset(socket)
  }

  server = await listen(0)
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    port,
    connections: () => connections,
    async lay(next) {
      fault = next
      if (next === 'refuse') {
        const closed = server
        server = null
        closed?.close()
        cut()
      } else {
        server ??= await listen(port)
        // A frozen or swallowing path leaves connections half alive; when it clears, they are gone.
        if (next === null || next === 'accept and hang') cut()
      }
    },
    async close() {
      cut()
      server?.close()
    },
  }
}

/** One whose end is under way cannot be reset: it would never be closed, and keep the process from ending. */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy()
  else socket.resetAndDestroy()
}

const wait = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))
