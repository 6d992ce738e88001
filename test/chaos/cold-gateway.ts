import type { SystemKey } from '../../src/model/system.ts'
import { tally } from '../support/arrivals.ts'
import { type Crowd, gatherCrowd } from '../support/crowd.ts'
import { type DeclaredGateway, startGateway } from '../support/gateway.ts'
import { extractsOf, systemsOf } from '../support/systems-of.ts'

/** A gateway that has answered nothing yet, and a crowd before it over real sockets. */
export interface ColdGateway {
  readonly gateway: DeclaredGateway
  readonly crowd: Crowd
  /** How many answers came by each road, as their lines have it. */
  answersBy(): Readonly<Record<string, number>>
  close(): Promise<void>
}

const CONNECTIONS = 300

/** `asked`: the one system that the crowd asks. */
export async function startColdGateway(
  asked: SystemKey,
  options: Pick<Parameters<typeof startGateway>[0] & object, 'connectors'> = {},
): Promise<ColdGateway> {
  const systems = systemsOf({ [asked]: { connector: extractsOf(asked) } })
  const settings = { systems, limits: { costPerMinute: 1_000_000_000 }, log: { level: 'info' } }
  // Nothing grows stale while a busy machine serves the crowd.
  const startedMs = Date.now()
  const gateway = await startGateway({ ...options, settings, clock: { now: () => startedMs } })
  const crowd = await gatherCrowd(gateway, { connections: CONNECTIONS })
  gateway.reads.length = 0
  return {
    gateway,
    crowd,
    answersBy: () =>
      tally(gateway.logged.flatMap(({ answer }) => (typeof answer === 'string' ? [{ outcome: answer }] : []))),
    async close() {
      await crowd.close()
      await gateway.close()
    },
  }
}
