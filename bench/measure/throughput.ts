import { numberText, type OutcomeTable } from '../report/outcome.ts'
import type { VariantName } from '../variants/variant.ts'
import type { Bench } from './bench.ts'
import { type ClosedLoop, runClosedLoop } from './closed-loop.ts'
import { inRounds, type Measured, type Rounds } from './rounds.ts'
import { spreadOf } from './spread.ts'

/** The most that each variant answers of the same requests, in rounds, after a warm-up. Called by hits, misses and the mix. */
export interface ThroughputOptions {
  readonly label: string
  readonly names: readonly VariantName[]
  readonly cached: boolean
  readonly requestsFile: string
  /** Other requests for the warm-up, where those that are timed must be new. */
  readonly warmFile?: string
  readonly rounds?: number
  readonly bytes?: Buffer
  /** Default: that of hits. */
  readonly warmSeconds?: number
}

export function throughput(bench: Bench, options: ThroughputOptions): Promise<Rounds<ClosedLoop>> {
  const { runSeconds } = bench.pace
  const { requestsFile, warmFile = requestsFile, warmSeconds = bench.pace.warmSeconds, ...rest } = options
  return inRounds(bench, {
    ...rest,
    async measure(variant) {
      const pids = variant.pids()
      await runClosedLoop({ url: variant.url, pids, requestsFile: warmFile, seconds: warmSeconds })
      return runClosedLoop({ url: variant.url, pids, requestsFile, seconds: runSeconds })
    },
  })
}

export const perSecond = (runs: readonly ClosedLoop[]): number =>
  spreadOf(runs.map(({ requestsPerSecond }) => requestsPerSecond)).median
export const cpuPerRequest = (runs: readonly ClosedLoop[]): number =>
  spreadOf(runs.map(({ cpuMicrosecondsPerRequest }) => cpuMicrosecondsPerRequest)).median

/** A row a variant: the median with its spread, ours against it, and what a request costs. */
export function throughputTable(title: string, measured: readonly Measured<ClosedLoop>[]): OutcomeTable {
  const ours = measured.find(({ name }) => name === 'gateway')
  return {
    title,
    columns: ['variant', 'requests/s', 'least', 'most', 'ours ÷ this', 'CPU µs/request', 'p99 ms'],
    rows: measured.map(({ name, runs }) => {
      const { median, least, most } = spreadOf(runs.map(({ requestsPerSecond }) => requestsPerSecond))
      const p99 = spreadOf(runs.map(({ p99Ms }) => p99Ms)).median
      return [
        name,
        ...[median, least, most].map(numberText),
        ours === undefined ? '–' : (perSecond(ours.runs) / median).toFixed(2),
        ...[cpuPerRequest(runs), p99].map(numberText),
      ]
    }),
  }
}
