import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { printSchema } from 'graphql'
import { freePort } from '../../../test/support/free-port.ts'
import { agesOf, loadPeerSchema } from '../peer-schema.ts'
import type { HiveOptions } from '../servers/hive-options.ts'
import type { Launch } from './launch.ts'
import { startPeer } from './peer.ts'
import { launchProxied } from './proxy.ts'

/** Hive Gateway on the core that is measured; behind it, uncached and on any other, Mercurius over the same resolvers. */

const COMMAND = createRequire(import.meta.url)
  .resolve('@graphql-hive/gateway/package.json')
  .replace('package.json', 'dist/bin.js')
const CONFIG = fileURLToPath(new URL('../servers/hive.config.ts', import.meta.url))

export const launchHive: Launch = async (site, options) => {
  const { cached, port, upstreamCpu: cpu = null, tokenMemo = false } = options
  return launchProxied({
    name: 'hive',
    options,
    upstream: async () =>
      startPeer(site, 'mercurius', 'bench_hive', { cached: false, port: await freePort(), cpu, tokenMemo: true }),
    async command({ url }, directory) {
      const schema = await loadPeerSchema()
      const schemaFile = join(directory, 'schema.graphql')
      await writeFile(schemaFile, printSchema(schema))
      const agesMs = [...agesOf(schema)].map(([coordinate, seconds]) => [coordinate, seconds * 1_000] as const)
      const told: HiveOptions = { upstream: url, schemaFile, issuer: site.issuer, cached, tokenMemo, agesMs }
      return {
        command: [process.execPath, COMMAND, 'proxy', '-c', CONFIG, '-h', '127.0.0.1', '-p', String(port)],
        env: { BENCH_HIVE: JSON.stringify(told), LOG_LEVEL: 'error' },
      }
    },
  })
}
