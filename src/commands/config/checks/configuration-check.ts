import type { Config } from '../../../config/load-config.ts'
import { parseSiteDirectory } from '../../../config/site-directory.ts'
import { readYaml } from '../../../config/yaml-file.ts'
import type { MappedConnector } from '../../../connectors/mapped-connector.ts'
import type { Clock } from '../../../model/clock.ts'
import type { SystemKey } from '../../../model/system.ts'
import { RELATIONS } from '../../../systems/relations/all.ts'
import type { SiteFile } from './bad-rows.ts'
import type { Report } from './report.ts'
import { checkService, type Service } from './service-check.ts'
import { checkSystem } from './system-check.ts'

/** All that a configuration names, side by side. Called by `config check`. Never rejects: what fails is a problem. */
export interface ConfigurationCheck {
  readonly config: Pick<Config, 'systems' | 'sites'>
  readonly systems: readonly SystemKey[]
  readonly services: readonly Service[]
  readonly open: (system: SystemKey) => Promise<MappedConnector>
  /** Most that one step may take, in milliseconds. */
  readonly deadlineMs: number
  /** Most that the first load of what is loaded may take, in milliseconds. */
  readonly loadingMs: number
  readonly clock: Clock
  readonly progress: (text: string) => void
}

export async function checkConfiguration(check: ConfigurationCheck): Promise<Report> {
  const { config, open, deadlineMs, loadingMs, clock, progress } = check
  const sites = await siteFile(config)
  const [systems, services] = await Promise.all([
    Promise.all(
      check.systems.map(system =>
        checkSystem({
          system,
          settings: config.systems[system],
          open: () => open(system),
          relations: RELATIONS[system],
          sites,
          deadlineMs,
          loadingMs,
          clock,
          progress,
        }),
      ),
    ),
    Promise.all(check.services.map(service => checkService(service, deadlineMs))),
  ])
  return { systems, services }
}

/** Null where the file cannot be used, which the check of that file says. */
async function siteFile({ sites: file }: Pick<Config, 'sites'>): Promise<SiteFile | null> {
  try {
    const sites = parseSiteDirectory(await readYaml(file), file)
    return { file, has: bpns => sites.has(bpns) }
  } catch {
    return null
  }
}
