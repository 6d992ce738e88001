import { loadConfig } from '../../src/config/load-config.ts'
import { parseSiteDirectory } from '../../src/config/site-directory.ts'
import { readYaml } from '../../src/config/yaml-file.ts'
import { openConnectors } from '../../src/connectors/open.ts'
import { systemClock } from '../../src/model/clock.ts'
import type { SiteDirectory } from '../../src/model/directory.ts'
import { createCounters } from '../../src/observe/counters.ts'
import { createLog } from '../../src/observe/log.ts'
import type { Recovery } from '../../src/recovery/recovery.ts'
import { createRestoredSystems, type RestoredSystems } from '../../src/systems/restored-systems.ts'

/** The restored systems over their connectors, as the composition root opens them, without a gate. Called by the site and the peers. */
export interface Restored {
  readonly config: Awaited<ReturnType<typeof loadConfig>>
  readonly sites: SiteDirectory
  readonly systems: RestoredSystems
  close(): Promise<void>
}

export async function openRestored(configFile: string, recovery: Recovery): Promise<Restored> {
  const config = await loadConfig(configFile, {})
  const sites = parseSiteDirectory(await readYaml(config.sites), config.sites)
  const shared = { log: createLog({ level: 'warn' }), clock: systemClock, counters: createCounters() }
  const systems = createRestoredSystems({
    ...shared,
    connectors: await openConnectors(config, { ...shared, embedded: null }),
    systems: config.systems,
    sites,
    recovery,
    onForeignRows(system, relation) {
      throw new Error(`${system} gave rows of another owner in ${relation}`)
    },
  })
  return {
    config,
    sites,
    systems,
    close: async () => void (await Promise.all(Object.values(systems).map(system => system.close()))),
  }
}
