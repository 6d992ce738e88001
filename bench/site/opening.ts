import { readSampleKeys } from '../../demo/sample-keys.ts'
import { tellStory } from '../../demo/story.ts'
import { readStory } from '../../demo/story-steps.ts'
import { readRestartSettings } from '../../src/config/restart-settings.ts'
import { systemClock } from '../../src/model/clock.ts'
import { SYSTEM_KEYS, type SystemKey } from '../../src/model/system.ts'
import { createLog } from '../../src/observe/log.ts'
import type { Recovery } from '../../src/recovery/recovery.ts'
import { openRestart } from '../../src/recovery/restart.ts'
import { parseClaims } from '../../src/recovery/statements/claims.ts'
import { signStatement } from '../../src/recovery/statements/sign.ts'
import { systemUrn } from '../../src/recovery/statements/vocabulary.ts'
import { summableColumns } from '../../src/systems/relations/all.ts'
import type { BenchPartners } from './partners.ts'
import type { RestartImage } from './restart-image.ts'
import { openRestored } from './restored.ts'

/**
 * Takes a site from an empty journal to three systems that are open to every partner: the story of the embedded default,
 * then the steps that it leaves to its reader. All of it is signed and judged as anywhere else.
 */
export interface Opening {
  readonly configFile: string
  /** Holds the keys of those who sign. */
  readonly directory: string
  readonly partners: BenchPartners
}

/** Returns the restart as it stands then. Throws what the desk refuses. */
export async function openSystems({ configFile, directory, partners }: Opening): Promise<RestartImage> {
  const live: Recovery = { current: () => restart.recovery.current(), onChange: () => () => {} }
  const { config, sites, systems, close } = await openRestored(configFile, live)
  const restart = await openRestart({
    settings: await readRestartSettings(config.recovery),
    embedded: null,
    clock: systemClock,
    log: createLog({ level: 'warn' }),
    examine: (system, relations) => systems[system].examine(relations),
    known: { isKnownSite: bpns => sites.has(bpns), columnsOf: summableColumns },
  })
  try {
    const keys = await readSampleKeys(directory)
    await tellStory({
      story: await readStory(partners.entries),
      told: new Set(),
      desk: restart.desk,
      keys,
      settings: config.recovery,
      clock: systemClock,
      async measure(system, relations) {
        const { totals, failure } = await systems[system].examine(relations)
        if (failure !== null) throw new Error(`${system} cannot be counted: ${failure}`)
        return totals
      },
    })
    const lifecycleOf = (system: SystemKey) => restart.recovery.current().state.systems[system].lifecycle
    const step = async (system: SystemKey, to: 'LIMITED_OPEN' | 'OPEN', facts: object) => {
      const claims = { sub: systemUrn(system), from: lifecycleOf(system), to, ...facts }
      const token = await signStatement({
        key: keys(to === 'OPEN' ? 'SYSTEM_OWNER' : 'RECOVERY_LEAD'),
        audience: config.recovery.audience,
        incident: config.recovery.incident,
        kind: 'lifecycle-transition',
        claims: parseClaims('lifecycle-transition', claims, `the opening of ${system}`),
        issuedAtMs: systemClock.now(),
        lifetimeSeconds: 3_600,
      })
      await restart.desk.submit(token)
    }
    for (const system of SYSTEM_KEYS) {
      if (lifecycleOf(system) === 'VERIFIED') await step(system, 'LIMITED_OPEN', FIRST_WAVE)
      if (lifecycleOf(system) === 'LIMITED_OPEN') await step(system, 'OPEN', { invoice_statuses_forward: true })
    }
    return {
      snapshot: restart.recovery.current(),
      evidence: Object.fromEntries(
        SYSTEM_KEYS.map(system => [system, restart.evidence(system)]),
      ) as unknown as RestartImage['evidence'],
    }
  } finally {
    await restart.close()
    await close()
  }
}

const FIRST_WAVE = {
  waves: [1],
  gap: { from: '2025-08-29T20:00:00Z', until: '2025-10-04T06:00:00Z' },
  contact: 'schedule help desk',
  workaround: 'Call the schedule help desk.',
  gateway_hosts: ['schedule-db.restored.internal'],
}
