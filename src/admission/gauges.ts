import type { Gauge } from '../observe/gauges.ts'
import type { Admission } from './admission.ts'

/** What admission has to do at any moment, for Prometheus. */
export function admissionGauges({ load, executions }: Pick<Admission, 'load' | 'executions'>): readonly Gauge[] {
  return [
    { name: 'load_pressure', read: () => [{ value: load.pressure() }] },
    { name: 'executions_in_flight', read: () => [{ value: executions.underWay() }] },
  ]
}
