import { fileURLToPath } from 'node:url'
import type { BenchSite } from '../../site/site.ts'
import type { PeerOptions } from '../peer-options.ts'
import { startServer } from '../process.ts'
import type { RunningVariant, VariantOptions } from '../variant.ts'
import { type Launch, loopback } from './launch.ts'

/** Peers in Node over the gateway's own resolvers; and the services that stand behind those that only proxy. */

type PeerName = 'apollo' | 'mercurius' | 'yoga'

export const launchPeer =
  (name: PeerName): Launch =>
  async (site, options) => ({ name, ...(await startPeer(site, name, `bench_${name}`, options)) })

/** Runs one of the servers under a database role, by which its reads are counted. */
export async function startPeer(
  site: BenchSite,
  server: PeerName | 'rest',
  role: string,
  { cached, port, cpu, tokenMemo = false }: VariantOptions,
): Promise<Omit<RunningVariant, 'name'>> {
  const options: PeerOptions = {
    configFile: await site.configFile({ cached, role }),
    restartImageFile: site.restartImageFile,
    issuer: site.issuer,
    port,
    cached,
    tokenMemo,
  }
  const script = fileURLToPath(new URL(`../servers/${server}.ts`, import.meta.url))
  const running = await startServer({
    name: server,
    command: [process.execPath, script, JSON.stringify(options)],
    cpu,
    url: loopback(port),
  })
  await site.settled(role)
  const readsBefore = await site.reads(role)
  return { url: loopback(port), ...running, reads: async () => (await site.reads(role)) - readsBefore }
}
