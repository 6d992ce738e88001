import { flushCompileCache } from 'node:module'
import { type App, type AppOptions, createApp } from '../../app.ts'
import type { Config } from '../../config/load-config.ts'
import { memoryBoundOf } from '../../config/memory-bound.ts'
import { createShutdown } from '../../http/shutdown.ts'
import type { SignInAsSample } from '../../http/web/sample-sign-in.ts'
import { systemClock } from '../../model/clock.ts'
import { createCounters } from '../../observe/counters.ts'
import type { Log } from '../../observe/log.ts'
import { selfTest } from '../../self-test/self-test.ts'
import type { SystemProof } from '../../systems/restored-systems.ts'
import { tellSampleStory } from '../embedded.ts'
import { SAMPLES, signSampleToken } from '../sample-token.ts'
import { handOver } from './hand-over.ts'
import { keepHeapNear } from './heap-growth.ts'
import { listenOn, placesOf } from './listening.ts'

/**
 * One gateway in this process, from its configuration to its end. Called by `serve`, for the only process or in each
 * worker; knows of no signal and of no other process.
 */
export interface Gateway {
  readonly app: App
  readonly listeners: Listeners
  /** Leaves new connections to whoever else listens here, and answers on the others until they have ended; `stop` comes after. */
  handOver(): Promise<void>
  /** Finishes the requests in flight, refuses those that still come, and closes everything. Idempotent. */
  stop(): Promise<void>
}

/** URLs of the listeners. */
export interface Listeners {
  readonly partners: string
  readonly admin: string
}

export interface GatewayOptions {
  readonly log: Log
  readonly progress: (text: string) => void
  readonly metrics?: AppOptions['metrics']
  readonly worker?: number
}

/** Resolves when partners are served. Throws `ConfigError` for what cannot run, with nothing left open. */
export async function startGateway(
  config: Config,
  { log, progress, metrics, worker }: GatewayOptions,
): Promise<Gateway> {
  const counters = createCounters()
  const app = await createApp(config, {
    log,
    counters,
    clock: systemClock,
    ...(metrics && { metrics }),
    ...(worker && { worker }),
    ...(config.embedded && { signInAsSample: createSampleSignIn(config, config.embedded.directory) }),
  })
  const servers = [app.partners, app.admin]
  const { shutdownGraceMs: graceMs } = config.limits
  const heap = keepHeapNear(memoryBoundOf(config))
  const close = async () => {
    heap.stop()
    await app.close()
  }
  const { stop } = createShutdown({ servers, close, graceMs })
  try {
    const proofs = await app.prove()
    const tested = await selfTest({ config, proofs, clocks: app.clocks, clock: systemClock, log })
    warnOfSystems(proofs, log)
    await tellSampleStory(app, config, { clock: systemClock, progress })
    const [partners, admin] = placesOf(config.listen)
    const listeners = {
      partners: await listenOn(partners, () => app.partners.listen(partners)),
      admin: await listenOn(admin, () => app.admin.listen(admin)),
    }
    log.info({ ...tested }, 'self-test passed')
    // Now, and not at its end: one that is killed would leave the next start to compile all of it again.
    flushCompileCache()
    return {
      app,
      listeners,
      stop,
      async handOver() {
        await Promise.all(servers.map(({ server }) => handOver(server)))
      },
    }
  } catch (thrown) {
    await stop()
    throw thrown
  }
}

/** For how long whoever tries out the pages is signed in. */
const SAMPLE_SECONDS = 8 * 3_600

function createSampleSignIn(config: Config, directory: string): SignInAsSample {
  return async asked => {
    const sample = SAMPLES.find(name => name === asked)
    if (sample === undefined) return null
    return signSampleToken(config, directory, { sample, lifetimeSeconds: SAMPLE_SECONDS })
  }
}

function warnOfSystems(proofs: readonly SystemProof[], log: Log): void {
  for (const { system, failure } of proofs) {
    if (failure)
      log.warn({ system, error: failure }, 'a system cannot be read yet; its fields stay unavailable until it can')
  }
}
