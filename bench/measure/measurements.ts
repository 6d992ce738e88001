import type { Measure } from './bench.ts'
import { measureGrowth } from './growth.ts'
import { measureHits } from './hits.ts'
import { measureLists } from './lists.ts'
import { measureMemory } from './memory.ts'
import { measureMisses } from './misses.ts'
import { measureMorning } from './morning.ts'
import type { MeasureName } from './names.ts'
import { measureProcesses } from './processes.ts'
import { measureReads } from './reads.ts'
import { measureStart } from './start.ts'

/** What is run for each name. Called by main.ts. */
export const MEASUREMENTS: Readonly<Record<MeasureName, Measure>> = {
  hits: measureHits,
  misses: measureMisses,
  morning: measureMorning,
  reads: measureReads,
  lists: measureLists,
  memory: measureMemory,
  growth: measureGrowth,
  processes: measureProcesses,
  start: measureStart,
}
