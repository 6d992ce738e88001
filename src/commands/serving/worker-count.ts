import { availableParallelism } from 'node:os'
import type { Config } from '../../config/load-config.ts'
import { ConfigError, formatProblem } from '../../model/operator-file.ts'
import { UsageError } from '../command.ts'

/** How many workers are asked for, and whether a configuration is fit for them. Called by `serve` and at each reload. */

const MOST = 64

/** `auto`: one for each core that this process may use. Throws `UsageError`. */
export function parseWorkerCount(text: string, cores: () => number = availableParallelism): number {
  if (text === 'auto') return Math.min(cores(), MOST)
  const count = /^[1-9]\d?$/.test(text) ? Number(text) : Number.NaN
  if (count <= MOST) return count
  throw new UsageError(`--workers must be a number from 1 to ${MOST}, or auto: one for each core`)
}

/** Throws `ConfigError` unless what partners are held to can be counted for all workers together. */
export function assertFitForWorkers(config: Config, file: string, count: number): void {
  const problem = problemWith(config, count)
  if (problem) throw new ConfigError([formatProblem(file, problem)])
}

function problemWith({ embedded, recovery, sharedStore }: Config, count: number) {
  if (embedded)
    return { path: ['embedded'], text: 'its databases are of one process; --workers needs a configuration without it' }
  if (recovery.journal.kind !== 'postgres')
    return { path: ['recovery', 'journal', 'kind'], text: `is ${recovery.journal.kind}; --workers needs postgres` }
  if (count > 1 && !sharedStore)
    return {
      path: ['sharedStore'],
      text: `is missing; --workers ${count} needs it: budgets and single-use proofs are counted there for all workers`,
    }
  return null
}
