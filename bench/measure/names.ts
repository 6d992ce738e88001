/** What can be measured, by name, in the order of a whole run. Read by the command line; loads nothing that measures. */
export const MEASURE_NAMES = [
  'hits',
  'misses',
  'morning',
  'reads',
  'lists',
  'memory',
  'growth',
  'processes',
  'start',
] as const
export type MeasureName = (typeof MEASURE_NAMES)[number]

export const isMeasureName = (name: string): name is MeasureName => MEASURE_NAMES.some(known => known === name)

/** Those that compare the gateway with others; the rest are about it alone. */
export const COMPARING: readonly MeasureName[] = ['hits', 'misses', 'morning', 'reads', 'lists']
