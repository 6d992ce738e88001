import type { BenchSite } from '../site/site.ts'
import { launchGateway } from './launch/gateway.ts'
import { launchHive } from './launch/hive.ts'
import type { Launch } from './launch/launch.ts'
import { launchBytes, launchNginx } from './launch/limits.ts'
import { launchPeer } from './launch/peer.ts'
import { launchTailcall } from './launch/tailcall.ts'
import type { RunningVariant, VariantName, VariantOptions } from './variant.ts'

export type { RunningVariant, VariantName, VariantOptions } from './variant.ts'

/** Every variant by its name: the list is the map of this folder. */
const LAUNCHES: Readonly<Record<VariantName, Launch>> = {
  gateway: launchGateway,
  apollo: launchPeer('apollo'),
  mercurius: launchPeer('mercurius'),
  yoga: launchPeer('yoga'),
  hive: launchHive,
  tailcall: launchTailcall,
  fastify: launchBytes('fastify'),
  'node-http': launchBytes('node-http'),
  nginx: launchNginx,
}

export const VARIANT_NAMES = Object.keys(LAUNCHES) as readonly VariantName[]

/** Resolves when it answers; throws an `Error` with its own words where it does not. */
export function startVariant(name: VariantName, site: BenchSite, options: VariantOptions): Promise<RunningVariant> {
  return LAUNCHES[name](site, options)
}
