import { type Client, createClient } from '../support/client.ts'
import { type GatewayProcess, startProcess } from '../support/gateway-process.ts'
import { openSystem, RETAILER, registerPartner } from '../support/opening.ts'
import { startSite } from '../support/site.ts'
import { extractsOf, systemsOf } from '../support/systems-of.ts'

/**
 * One gateway process with every limit as a site has it, parts logistics open over extracts, and two partners: one that
 * means well and one that does not.
 */
export interface OneGateway {
  readonly gateway: GatewayProcess
  readonly client: Client
  /** The `authorization` of each. */
  readonly good: string
  readonly hostile: string
  stop(): Promise<void>
}

const HOSTILE = { bpnl: 'BPNL00000R000139', client: 'dms-2' }

export async function startOneGateway(): Promise<OneGateway> {
  const site = await startSite()
  const systems = systemsOf({ PARTS_LOGISTICS: { connector: extractsOf('PARTS_LOGISTICS') } })
  const operator = await site.start({ settings: { systems } })
  await registerPartner(site, operator, 'BPNL00000R000121', RETAILER)
  await registerPartner(site, operator, HOSTILE.bpnl, { ...RETAILER, clients: [HOSTILE.client] })
  await openSystem(site, operator, 'PARTS_LOGISTICS')
  // It would look at the systems too.
  await operator.close()
  const gateway = await startProcess(await site.configure({ settings: { limits: {}, systems } }))
  const client = createClient()
  return {
    gateway,
    client,
    good: `Bearer ${await site.token('dms-1')}`,
    hostile: `Bearer ${await site.token(HOSTILE.client)}`,
    async stop() {
      await client.close()
      await gateway.kill()
      await site.stop()
    },
  }
}
