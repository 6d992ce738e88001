import { SYSTEM_KEYS } from '../model/system.ts'
import type { Gauge } from '../observe/gauges.ts'
import type { RestoredSystems } from './restored-systems.ts'
import { shieldGauges } from './shield/gauges.ts'

/** What is watched of the systems: 1 where the last reading failed, and where newer data cannot be used. */
export function systemGauges(restored: RestoredSystems): readonly Gauge[] {
  const eachSystem = (isSo: (health: ReturnType<RestoredSystems['PARTS_LOGISTICS']['health']>) => boolean) => () =>
    SYSTEM_KEYS.map(system => ({ labels: { system }, value: Number(isSo(restored[system].health())) }))
  return [
    { name: 'system_failing', read: eachSystem(({ failure }) => failure !== null) },
    { name: 'system_warning', read: eachSystem(({ warning }) => warning !== null) },
    ...shieldGauges(system => restored[system].load()),
  ]
}
