import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A proxy before a Redis server that holds back what is answered over every connection that has asked for a text. */
export interface FitfulRedis {
  readonly url: string
  hold(): void
  release(): void
  close(): Promise<void>
}

export async function startFitfulRedis(port: number): Promise<FitfulRedis> {
  let isHeld = false
  const sockets = new Set<Socket>()
  const server = createServer(client => {
    const source = connect(port, '127.0.0.1')
    let asksForTexts = false
    for (const [from, to] of [
      [client, source],
      [source, client],
    ] as const) {
      sockets.add(from)
      from.on('error', () => {})
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
    client.on('data', chunk => {
      asksForTexts ||= /\$3\r\nget\r\n[^*]*:text:/i.test(chunk.toString('latin1'))
      source.write(chunk)
    })
    source.on('data', chunk => {
      if (!(isHeld && asksForTexts)) client.write(chunk)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `redis://127.0.0.1:${address.port}`,
    hold() {
      isHeld = true
    },
    release() {
      isHeld = false
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
