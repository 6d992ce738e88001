import type { WorkerOptions } from 'node:worker_threads'
import { threadEnvironment } from '../../model/thread-environment.ts'

/**
 * How the threads of the extracts connector run: without the gateway's environment and arguments, and a heap that
 * ends the thread, not the gateway, when it is full.
 */
export function threadOptions(name: string, maxOldGenerationSizeMb: number, workerData: unknown = null): WorkerOptions {
  return {
    name,
    workerData,
    resourceLimits: { maxOldGenerationSizeMb, maxYoungGenerationSizeMb: 32 },
    // `node:sqlite` says at every start of a thread that it is experimental; the exact Node version is tested with it.
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: threadEnvironment(),
    argv: [],
  }
}
