import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../../test/support/free-port.ts'
import { startServer } from '../process.ts'
import { type Launch, loopback } from './launch.ts'
import { startPeer } from './peer.ts'

/**
 * Tailcall on the core that is measured; behind it, on any other, the HTTP service that gives whole records. It can say the
 * questions about parts. It checks no token: it passes the header on, and keeps answers by it.
 */

const BINARY = '@tailcallhq/core-linux-x64-gnu/package.json'

export const launchTailcall: Launch = async (site, { cached, port, cpu, upstreamCpu = null }) => {
  const binary = createRequire(import.meta.url)
    .resolve(BINARY)
    .replace('package.json', 'bin/tailcall')
  const directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-tailcall-'))
  const upstream = await startPeer(site, 'rest', 'bench_tailcall', {
    cached: false,
    port: await freePort(),
    cpu: upstreamCpu,
    tokenMemo: true,
  })
  const stop = async () => {
    await upstream.stop()
    await rm(directory, { recursive: true, force: true })
  }
  try {
    const file = join(directory, 'parts.graphql')
    await writeFile(file, partsSchema(port, new URL(upstream.url).origin, cached))
    const server = await startServer({
      name: 'tailcall',
      command: [binary, 'start', file],
      cpu,
      url: loopback(port),
      env: { TAILCALL_TRACKER: 'false', TAILCALL_LOG_LEVEL: 'error' },
      cwd: directory,
    })
    return {
      name: 'tailcall',
      url: loopback(port),
      pids: server.pids,
      reads: upstream.reads,
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

function partsSchema(port: number, upstream: string, cached: boolean): string {
  const cache = (seconds: number) => (cached ? `@cache(maxAge: ${seconds * 1_000})` : '')
  return `
schema
  @server(port: ${port}, hostname: "127.0.0.1", workers: 1)
  @upstream(allowedHeaders: ["authorization"]) {
  query: Query
}
type Query {
  partAvailability(partNumbers: [String!]!): [PartAvailability!]
    @http(url: "${upstream}/part-availability", query: [{ key: "partNumbers", value: "{{.args.partNumbers}}" }]) ${cache(30)}
  part(partNumber: String!): Part
    @http(url: "${upstream}/part", query: [{ key: "partNumber", value: "{{.args.partNumber}}" }]) ${cache(3_600)}
}
type PartAvailability {
  requestedPartNumber: String!
  part: Part
  outcome: String
  lines: [PartAvailabilityLine!]
  provenance: DataProvenance
}
type Part {
  id: ID!
  partNumber: String!
  description: String!
  baseUnit: String!
  supersession: Supersession
  active: Boolean!
  provenance: DataProvenance!
}
type Supersession {
  kind: String!
  supersededByPartNumber: String!
  currentPartNumber: String!
  chain: [String!]!
  effectiveFrom: String
  useUpOldStock: Boolean!
}
type PartAvailabilityLine {
  site: Site!
  quantityOnHand: Quantity
  quantityAllocated: Quantity
  quantityAvailableToPromise: Quantity!
  quantityInTransit: Quantity
  quantityOnBackorder: Quantity
  blocked: Boolean!
  daysOfSupply: String
  nextInboundOn: String
  lastUpdatedOnDateTime: String!
}
type Site {
  id: ID!
  bpns: String!
  bpna: String
  name: String!
  type: String!
  country: String!
  timeZone: String!
}
type Quantity {
  value: String!
  unit: String!
}
type DataProvenance {
  system: String!
  asOf: String!
  origin: String!
  reconciledThrough: String
  gapFrom: String
  gapUntil: String
}
`
}
