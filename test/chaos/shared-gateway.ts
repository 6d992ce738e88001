import { createDataset } from '../../demo/generator/dataset.ts'
import { TEST_DATASET } from '../support/dataset.ts'
import { type GatewayProcess, startProcess } from '../support/gateway-process.ts'
import { openSystem, RETAILER, registerPartner } from '../support/opening.ts'
import { startSite } from '../support/site.ts'
import { extractsOf, systemsOf } from '../support/systems-of.ts'

/** One gateway process that several retailers share, with admission as a site has it and parts logistics open over extracts. */
export interface SharedGateway {
  readonly gateway: GatewayProcess
  /** The `authorization` of each retailer, in the order in which they were named. */
  readonly authorizations: readonly string[]
  stop(): Promise<void>
}

/** Of a retailer's entry. */
export interface Budget {
  readonly costPerMinute: number
}

const { partners } = createDataset(TEST_DATASET)

export async function startSharedGateway(budgets: readonly Budget[], settings: object = {}): Promise<SharedGateway> {
  const site = await startSite()
  try {
    const systems = systemsOf({ PARTS_LOGISTICS: { connector: extractsOf('PARTS_LOGISTICS') } })
    const operator = await site.start({ settings: { systems } })
    const clients = budgets.map((_, index) => `dms-${index + 1}`)
    for (const [index, limits] of budgets.entries()) {
      const bpnl = partners.retailers[index]?.bpnl ?? ''
      await registerPartner(site, operator, bpnl, { ...RETAILER, clients: [`dms-${index + 1}`], limits })
    }
    await openSystem(site, operator, 'PARTS_LOGISTICS')
    // It would look at the systems too.
    await operator.close()
    const gateway = await startProcess(await site.configure({ settings: { admission: {}, systems, ...settings } }))
    const tokens = await Promise.all(clients.map(client => site.token(client)))
    return {
      gateway,
      authorizations: tokens.map(token => `Bearer ${token}`),
      async stop() {
        await gateway.kill()
        await site.stop()
      },
    }
  } catch (thrown) {
    await site.stop()
    throw thrown
  }
}
