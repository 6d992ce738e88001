import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'

/**
 * A network of its own between this machine and a port of it, to be cut: nobody is refused and nobody is told, the packets
 * are lost. A network namespace of Linux at the end of a pair of virtual interfaces, so it wants root (ip-netns(8)).
 */
export interface Network {
  /** Address of this machine in it. */
  readonly here: string
  /** A relay on the other side, which leads back to this port of `here`. */
  relayTo(port: number): Promise<{ readonly host: string; readonly port: number }>
  cut(): void
  mend(): void
  close(): Promise<void>
}

const PROGRAM = 'ip'
const RELAY = fileURLToPath(new URL('./relay-process.ts', import.meta.url))

/** Throws where this machine does not allow it. */
export function openNetwork(): Network {
  const { name, here, there, remove } = createNamespace()
  const relays = new Set<ChildProcess>()
  return {
    here,
    async relayTo(port) {
      const listening = await freePort()
      const command = [process.execPath, RELAY, there, String(listening), here, String(port)]
      const relay = spawn(PROGRAM, ['netns', 'exec', name, ...command], { stdio: ['ignore', 'pipe', 'inherit'] })
      relays.add(relay)
      await once(relay.stdout, 'data')
      return { host: there, port: listening }
    },
    cut: () => ip('-n', name, 'route', 'add', 'blackhole', `${here}/32`),
    mend: () => ip('-n', name, 'route', 'delete', 'blackhole', `${here}/32`),
    async close() {
      for (const relay of relays) {
        relay.kill('SIGKILL')
        await once(relay, 'exit')
      }
      remove()
    },
  }
}

export function allowsNetworks(): boolean {
  try {
    createNamespace().remove()
    return true
  } catch {
    return false
  }
}

function createNamespace() {
  const name = `rg${process.pid}`
  const [near, far] = [`${name}h`, `${name}n`]
  const subnet = `10.231.${process.pid % 256}`
  const [here, there] = [`${subnet}.1`, `${subnet}.2`]
  // With the namespace goes the far end, and with that the near one.
  const remove = () => ip('netns', 'delete', name)
  ip('netns', 'add', name)
  try {
    ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', name)
    ip('address', 'add', `${here}/30`, 'dev', near)
    ip('link', 'set', near, 'up')
    ip('-n', name, 'address', 'add', `${there}/30`, 'dev', far)
    ip('-n', name, 'link', 'set', far, 'up')
  } catch (thrown) {
    remove()
    throw thrown
  }
  return { name, here, there, remove }
}

function ip(...args: readonly string[]): void {
  execFileSync(PROGRAM, args, { stdio: ['ignore', 'ignore', 'pipe'] })
}
