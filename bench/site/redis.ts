import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { freePort } from '../../test/support/free-port.ts'

/** A private Redis or Valkey with nothing on disk, for gateways of several processes. Called by the site when it is asked for. */
export interface Redis {
  readonly url: string
  stop(): Promise<void>
}

/** Throws an `Error` with the remedy where this machine has no server. */
export async function startRedis(): Promise<Redis> {
  const port = await freePort()
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const server = spawn('redis-server', settings, { stdio: 'ignore' })
  const exited = once(server, 'exit')
  // Beside the exit that never comes where there is no such program.
  const missing = new Promise<never>((_, reject) =>
    server.once('error', cause => reject(new Error('no Redis server: apt-get install redis-server', { cause }))),
  )
  await Promise.race([untilListening(port, () => server.exitCode === null), missing])
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      server.kill('SIGKILL')
      await exited
    },
  }
}

async function untilListening(port: number, isRunning: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (!isRunning()) break
    const socket = connect(port, '127.0.0.1')
    const heard = await Promise.race([
      once(socket, 'connect').then(
        () => true,
        () => false,
      ),
      setTimeout(500, false, { ref: false }),
    ])
    socket.destroy()
    if (heard) return
    await setTimeout(25)
  }
  throw new Error('the private Redis server did not start')
}
