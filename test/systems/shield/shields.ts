import { shieldSchema } from '../../../src/config/shield-schema.ts'
import { systemClock } from '../../../src/model/clock.ts'
import { createSteadyClock } from '../../../src/model/steady-clock.ts'
import { createCounters } from '../../../src/observe/counters.ts'
import {
  createShield,
  type Shield,
  type ShieldOptions,
  type ShieldSettings,
} from '../../../src/systems/shield/shield.ts'
import { quietLog } from '../../connectors/quiet-log.ts'

export const PRESETS: ShieldSettings = shieldSchema().parse({})

/** The shield of a system that was opened long ago, with the presets, but for what is said. */
export function shieldOf(options: Partial<ShieldOptions> = {}): Shield {
  return createShield({
    system: 'WHOLESALE_FINANCE',
    settings: PRESETS,
    deadlineMs: 2_000,
    openedMs: () => Number.NEGATIVE_INFINITY,
    clock: createSteadyClock(systemClock),
    random: () => 0.5,
    counters: createCounters(),
    log: quietLog(),
    ...options,
  })
}
