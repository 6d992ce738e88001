import { availableParallelism, totalmem } from 'node:os'
import type { Config } from '../../config/load-config.ts'
import { ConfigError, formatProblem } from '../../model/operator-file.ts'
import { UsageError } from '../command.ts'

/** How many workers are asked for, and whether a configuration is fit for them. Called by `serve` and at each reload. */

const MOST = 64
/** At a reload the new ones come before the old ones have gone. */
const AT_A_RELOAD = 2

/** What workers have for themselves together. */
export interface Room {
  readonly cores: number
  readonly memoryBytes: number
}

/** Throws `UsageError`. */
export function parseWorkerCount(text: string): number | 'auto' {
  if (text === 'auto') return text
  const count = /^[1-9]\d?$/.test(text) ? Number(text) : Number.NaN
  if (count <= MOST) return count
  throw new UsageError(`--workers must be a number from 1 to ${MOST}, or auto: one for each core that has the memory`)
}

/** Of the machine, or of the container or unit that this process is in. */
export function roomHere(): Room {
  // 0, or more than the machine has, where there is no bound.
  const constrained = process.constrainedMemory() || Number.POSITIVE_INFINITY
  return { cores: availableParallelism(), memoryBytes: Math.min(constrained, totalmem()) }
}

/**
 * `auto`: one for each core, as far as each has the memory that it may take (`boundBytes`), twice. `isTight`: at a reload there may be
 * less than they take.
 */
export function workersIn(room: Room, asked: number | 'auto', boundBytes: number) {
  const fitting = Math.floor(room.memoryBytes / (AT_A_RELOAD * boundBytes))
  const count = asked === 'auto' ? Math.max(1, Math.min(room.cores, fitting, MOST)) : asked
  return { count, isTight: count > fitting }
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
