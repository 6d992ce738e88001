import { fileURLToPath } from 'node:url'
import { startServer } from '../process.ts'
import { type Launch, loopback } from './launch.ts'

/** The product as it is delivered: its own command, a configuration file, the journal followed, every request logged. */

const BIN = fileURLToPath(new URL('../../../bin/recovery-gateway.mjs', import.meta.url))
const ROLE = 'bench_gateway'

export const launchGateway: Launch = async (site, { cached, port, cpu, workers = 1 }) => {
  const settings = {
    listen: { port, adminPort: 0 },
    // Several count budgets together.
    ...(workers > 1 && { sharedStore: { url: await site.sharedStoreUrl() } }),
  }
  const config = await site.configFile({ cached, role: ROLE, settings })
  const processes = workers === 1 ? [] : ['--workers', String(workers)]
  const server = await startServer({
    name: 'gateway',
    command: [process.execPath, BIN, 'serve', '--config', config, ...processes],
    cpu,
    url: loopback(port),
  })
  await site.settled(ROLE)
  const readsBefore = await site.reads(ROLE)
  return { name: 'gateway', url: loopback(port), ...server, reads: async () => (await site.reads(ROLE)) - readsBefore }
}
