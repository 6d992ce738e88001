import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { foreignCanaries, stamping } from '../properties/canaries.ts'
import { tally } from '../support/arrivals.ts'
import type { Crowd } from '../support/crowd.ts'
import { exactly, report } from '../support/figures.ts'
import { sized } from '../support/form.ts'
import type { DeclaredGateway } from '../support/gateway.ts'
import { type ColdGateway, startColdGateway } from './cold-gateway.ts'

/**
 * Two partners who come all at once, with the same words, to a gateway that has answered nothing yet: a restored system is
 * read once for each of them, and neither is shown a value of the other.
 */
const REQUESTS = sized(3_000, 10_000)

/** Of each supplier its own; the terms of payment are its canary. */
const invoices = {
  query: `{ supplierInvoices(first: 20) {
    edges { node { supplierInvoiceReference paymentTerms lines { purchaseOrder } payments { payment { remittanceAdviceReference } } } }
  } }`,
}

const SUPPLIERS = ['sample-supplier', 'supplier-0002']

describe('a cold gateway asked by two partners', () => {
  let cold: ColdGateway
  let gateway: DeclaredGateway
  let crowd: Crowd
  beforeEach(async () => {
    cold = await startColdGateway('WHOLESALE_FINANCE', { connectors: stamping })
    ;({ gateway, crowd } = cold)
  })
  afterEach(() => cold.close())

  const bpnlOf = (client: string): string => {
    const { partners } = gateway.recovery.current().state
    return [...partners.values()].find(({ entry }) => entry.clients.includes(client))?.entry.bpnl ?? ''
  }

  test('reads each relation once for each of two partners, however often they ask, and shows neither the other', async () => {
    for (const supplier of SUPPLIERS) gateway.grant(bpnlOf(supplier), { wave: 1 })
    const asked = Array.from({ length: REQUESTS }, (_, n) => SUPPLIERS[n % 2] ?? '')
    const startedMs = performance.now()
    const answers = await Promise.all(asked.map(client => crowd.ask(client, invoices)))
    const tookMs = performance.now() - startedMs
    const foreign: string[] = []
    for (const [n, { text }] of answers.entries()) {
      const bpnl = bpnlOf(asked[n] ?? '')
      // Its own canary is there to be seen, so that another's would be.
      expect(text).toContain(`~${bpnl.slice(-8)}~`)
      foreign.push(...foreignCanaries(text, bpnl))
    }
    const readsOf = Object.values(tally(gateway.reads.map(read => ({ outcome: read }))))
    expect(readsOf.length).toBeGreaterThan(1)
    report(2, {
      answers: { value: answers.filter(({ status }) => status === 200).length, ...exactly(REQUESTS) },
      'foreign values': { value: foreign.length, ...exactly(0), of: REQUESTS },
      'distinct answers': { value: new Set(answers.map(({ text }) => text)).size, ...exactly(SUPPLIERS.length) },
      'fewest reads of a relation': { value: Math.min(...readsOf), ...exactly(SUPPLIERS.length) },
      'most reads of a relation': { value: Math.max(...readsOf), ...exactly(SUPPLIERS.length) },
      'by road': JSON.stringify(cold.answersBy()),
      took: { value: tookMs, unit: 'ms' },
    })
  })
})
