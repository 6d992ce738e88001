import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ServerCommand, startServer } from '../process.ts'
import type { RunningVariant, VariantName, VariantOptions } from '../variant.ts'
import { loopback } from './launch.ts'

/**
 * A variant that stands in front of a service of its own: the proxy on the core that is measured, the service on any
 * other, and a directory for what the proxy is told. Called by the launchers of those; they end together.
 */
export interface Proxied {
  readonly name: VariantName
  readonly options: VariantOptions
  readonly upstream: () => Promise<Upstream>
  /** Writes its files into the directory and says how it is started. */
  readonly command: (upstream: Upstream, directory: string) => Promise<Pick<ServerCommand, 'command' | 'env'>>
}

export type Upstream = Omit<RunningVariant, 'name'>

export async function launchProxied({ name, options, upstream, command }: Proxied): Promise<RunningVariant> {
  const directory = await mkdtemp(join(tmpdir(), `recovery-gateway-${name}-`))
  let service: Upstream | undefined
  const stop = async () => {
    await service?.stop()
    await rm(directory, { recursive: true, force: true })
  }
  try {
    service = await upstream()
    const { cpu, port } = options
    const url = loopback(port)
    const told = await command(service, directory)
    const server = await startServer({ name, ...told, cpu, url, cwd: directory })
    return {
      ...{ name, url, pids: server.pids, reads: service.reads },
      async stop() {
        await server.stop()
        await stop()
      },
    }
  } catch (thrown) {
    await stop()
    throw thrown
  }
}
