import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { freePort } from '../../../test/support/free-port.ts'
import type { Launch } from './launch.ts'
import { startPeer } from './peer.ts'
import { launchProxied } from './proxy.ts'

/**
 * Tailcall on the core that is measured; behind it, on any other, the HTTP service that gives whole records. It can say the
 * questions about parts. It checks no token: it passes the header on, and keeps answers by it.
 */

const BINARY = '@tailcallhq/core-linux-x64-gnu/package.json'

export const launchTailcall: Launch = async (site, options) => {
  const { cached, port, upstreamCpu: cpu = null } = options
  const binary = createRequire(import.meta.url)
    .resolve(BINARY)
    .replace('package.json', 'bin/tailcall')
  return launchProxied({
    name: 'tailcall',
    options,
    upstream: async () =>
      startPeer(site, 'rest', 'bench_tailcall', { cached: false, port: await freePort(), cpu, tokenMemo: true }),
    async command({ url }, directory) {
      const file = join(directory, 'parts.graphql')
      await writeFile(file, partsSchema(port, new URL(url).origin, cached))
      return { command: [binary, 'start', file], env: { TAILCALL_TRACKER: 'false', TAILCALL_LOG_LEVEL: 'error' } }
    },
  })
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
