import type { BenchIssuer } from '../../site/site.ts'

/** What Hive's configuration is told through its environment, as JSON. */
export interface HiveOptions {
  readonly upstream: string
  /** SDL of the service. */
  readonly schemaFile: string
  readonly issuer: BenchIssuer
  readonly cached: boolean
  readonly tokenMemo: boolean
  /** Coordinate of a field and for how long its answer is fresh, in milliseconds. */
  readonly agesMs: readonly (readonly [string, number])[]
}
