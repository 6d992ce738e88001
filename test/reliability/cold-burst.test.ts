import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createDataset, EMBEDDED_DATASET } from '../../demo/generator/dataset.ts'
import { part } from '../../src/systems/relations/parts-logistics.ts'
import { foreignCanaries, stamping } from '../properties/canaries.ts'
import { tally } from '../support/arrivals.ts'
import { type Crowd, gatherCrowd } from '../support/crowd.ts'
import { figure } from '../support/figures.ts'
import { type DeclaredGateway, startGateway } from '../support/gateway.ts'

/**
 * A crowd that comes all at once to a gateway that has answered nothing yet, over real sockets: however many ask, a
 * restored system is read once for each partition of the answer, and everybody of a partition gets the same bytes.
 */
const REQUESTS = 10_000
const CONNECTIONS = 300

const partNumbers = [...createDataset(EMBEDDED_DATASET).rows(part)]
  .filter(row => row.supersededByPartNumber !== null)
  .slice(0, 5)
  .map(row => row.partNumber)

/** Equal for all whom the same sites serve. */
const enquiry = {
  query: `query Enquiry($partNumbers: [PartNumber!]!) {
    partAvailability(partNumbers: $partNumbers) {
      requestedPartNumber outcome
      part { description supersession { currentPartNumber } }
      lines { site { name } quantityAvailableToPromise { value unit } }
    }
  }`,
  variables: { partNumbers },
}

/** Of each supplier its own; the terms of payment are its canary. */
const invoices = {
  query: `{ supplierInvoices(first: 20) {
    edges { node { supplierInvoiceReference paymentTerms lines { purchaseOrder } payments { payment { remittanceAdviceReference } } } }
  } }`,
}

const SUPPLIERS = ['sample-supplier', 'supplier-0002']

describe('a cold gateway', () => {
  let gateway: DeclaredGateway
  let crowd: Crowd
  beforeEach(async () => {
    gateway = await startGateway({
      connectors: stamping,
      settings: { limits: { costPerMinute: 1_000_000_000 }, log: { level: 'info' } },
    })
    crowd = await gatherCrowd(gateway, { connections: CONNECTIONS })
    gateway.reads.length = 0
  })
  afterEach(async () => {
    await crowd.close()
    await gateway.close()
  })

  const answersBy = () =>
    JSON.stringify(
      tally(
        gateway.logged.filter(({ answer }) => answer !== undefined).map(({ answer }) => ({ outcome: String(answer) })),
      ),
    )
  const bpnlOf = (client: string): string => {
    const { partners } = gateway.recovery.current().state
    return [...partners.values()].find(({ entry }) => entry.clients.includes(client))?.entry.bpnl ?? ''
  }

  test('reads each relation once for 10,000 who ask the same, and answers all the same', async () => {
    const startedMs = performance.now()
    const answers = await Promise.all(Array.from({ length: REQUESTS }, () => crowd.ask('sample-retailer', enquiry)))
    figure(1, `${REQUESTS} answers in ${(performance.now() - startedMs).toFixed(0)} ms: ${answersBy()}`)
    expect(answers.filter(({ status }) => status !== 200)).toEqual([])
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(JSON.parse(answers[0]?.text ?? '').data.partAvailability).toHaveLength(partNumbers.length)
    expect(gateway.reads.toSorted()).toEqual(['lookup part', 'lookup part_availability', 'lookup part_supersession'])
  }, 60_000)

  test('reads each relation once for each of two partners, 5,000 times each, and shows neither the other', async () => {
    for (const supplier of SUPPLIERS) gateway.grant(bpnlOf(supplier), { wave: 1 })
    const asked = Array.from({ length: REQUESTS }, (_, n) => SUPPLIERS[n % 2] ?? '')
    const startedMs = performance.now()
    const answers = await Promise.all(asked.map(client => crowd.ask(client, invoices)))
    figure(2, `${REQUESTS} answers in ${(performance.now() - startedMs).toFixed(0)} ms: ${answersBy()}`)
    expect(answers.filter(({ status }) => status !== 200)).toEqual([])
    const own = SUPPLIERS.map(
      supplier => new Set(answers.filter((_, n) => asked[n] === supplier).map(({ text }) => text)),
    )
    expect(own.map(({ size }) => size)).toEqual([1, 1])
    for (const [index, supplier] of SUPPLIERS.entries())
      for (const text of own[index] ?? []) {
        // Its own canary is there to be seen, so that another's would be.
        expect(text).toContain(`~${bpnlOf(supplier).slice(-8)}~`)
        expect(foreignCanaries(text, bpnlOf(supplier))).toEqual([])
      }
    const relations = [...new Set(gateway.reads)]
    expect(relations.length).toBeGreaterThan(1)
    expect(gateway.reads.toSorted()).toEqual(relations.flatMap(read => [read, read]).toSorted())
  }, 60_000)
})
