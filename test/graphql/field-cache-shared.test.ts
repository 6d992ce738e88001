import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { keptFields } from '../../src/graphql/kept-fields.ts'
import { readDeclarations } from '../../src/operations/declarations.ts'
import { partnerSchema } from '../operations/planning.ts'
import { type DeclaredGateway, startGateway } from '../support/gateway.ts'
import { type RedisServer, redisBinary, startRedis } from '../support/redis.ts'
import { GATEWAY_USER, until, urlAs } from '../support/shared-store.ts'

/** Two whole gateways over one shared store, asked for every field that is kept. */
const binary = redisBinary()
const withRedis = binary === null ? describe.skip : describe

const QUESTIONS: readonly (readonly [client: string, query: string])[] = [
  [
    'sample-internal',
    '{ part(partNumber: "LR071050") { id description supersession { currentPartNumber chain effectiveFrom } provenance { system asOf } } }',
  ],
  [
    'sample-internal',
    '{ partAvailability(partNumbers: ["LR106259", "LR453679"]) { outcome part { description } provenance { asOf } lines { site { bpns } quantityOnHand { value } quantityAllocated { value } lastUpdatedOnDateTime } } }',
  ],
  [
    'sample-retailer',
    '{ partsOrderLines(first: 20) { edges { cursor node { id status quantityOrdered { value } deliveries { deliveryId events { eventType dateTimeOfEvent } } } } pageInfo { hasNextPage } } }',
  ],
  [
    'sample-supplier',
    '{ supplierInvoices(first: 20, filter: { dueUntil: "2025-10-20", status: [ACCEPTED, PAID, PARTIALLY_PAID] }) { edges { cursor node { id openAmount { amount } lines { line netAmount { amount } } payments { remittedAmount { amount } payment { endToEndId } invoice { id } } } } } }',
  ],
  ['supplier-0003', '{ supplierInvoices(first: 1) { totalOpen { amount currency } } }'],
  [
    'sample-supplier',
    '{ supplierPayments(first: 10) { edges { node { id amount { amount } remittance { payment { id } invoice { id } } } } } }',
  ],
  [
    'sample-supplier',
    '{ supplierPosition { open { amount } ageing { count } oldestOpenInvoice { id } provenance { asOf } } }',
  ],
  ['sample-supplier', '{ materialDemands(first: 20) { edges { node { id day } } } }'],
  [
    'sample-retailer',
    '{ vehicleWholesales(first: 10) { edges { node { id vin grossAmount { amount } funding { status } } } } }',
  ],
  ['sample-internal', '{ productionSchedule(first: 10) { edges { node { id line { code } } } } }'],
]

withRedis('two gateways over one shared store', () => {
  let redis: RedisServer
  let first: DeclaredGateway
  let second: DeclaredGateway
  beforeAll(async () => {
    redis = await startRedis(binary ?? '', { users: [GATEWAY_USER] })
    const settings = { sharedStore: { url: urlAs('gateway', 'not-a-secret', redis.url), commandTimeoutMs: 500 } }
    ;[first, second] = await Promise.all([startGateway({ settings }), startGateway({ settings })])
    for (const { recovery } of [first, second]) {
      const { state } = recovery.current()
      const { PRODUCTION_SCHEDULE, WHOLESALE_FINANCE } = state.systems
      recovery.declare({
        ...state,
        systems: {
          ...state.systems,
          PRODUCTION_SCHEDULE: { ...PRODUCTION_SCHEDULE, lifecycle: 'OPEN' },
          WHOLESALE_FINANCE: { ...WHOLESALE_FINANCE, lifecycle: 'OPEN' },
        },
      })
    }
    await until(() =>
      [first, second].every(({ logged }) => JSON.stringify(logged).includes('the shared store answers')),
    )
  })
  afterAll(async () => {
    await Promise.all([first?.close(), second?.close()])
    await redis?.stop()
  })

  const lookedUp = ({ counters }: DeclaredGateway, outcome: string) =>
    counters
      .snapshot()
      .filter(({ name, labels, value }) => name === 'field_cache_lookups' && labels.outcome === outcome && value > 0)
      .map(({ labels }) => labels.field ?? '')
      .toSorted()

  test('every kept field is the same from its system, from memory and from the store, which spares the system', async () => {
    const questions = [...QUESTIONS]
    const ask = (gateway: DeclaredGateway) => async () => {
      const answers = []
      for (const [client, query] of questions) answers.push((await gateway.ask(client, { query })).body)
      return answers
    }
    const reference = (
      await first.ask('sample-supplier', {
        query: '{ supplierInvoices(first: 1) { edges { node { supplierInvoiceReference } } } }',
      })
    ).body
    const vehicle = (
      await first.ask('sample-retailer', { query: '{ vehicleWholesales(first: 1) { edges { node { vin } } } }' })
    ).body
    const { supplierInvoiceReference } = reference.data.supplierInvoices.edges[0].node
    const { vin } = vehicle.data.vehicleWholesales.edges[0].node
    questions.push(
      [
        'sample-supplier',
        `{ supplierInvoiceByReference(supplierInvoiceReference: "${supplierInvoiceReference}") { id } }`,
      ],
      ['sample-retailer', `{ vehicleWholesale(vin: "${vin}") { id } vehicleBuild(vin: "${vin}") { vin } }`],
    )
    const fromSystem = await ask(first)()
    for (const { errors } of fromSystem) expect(errors).toBeUndefined()
    const fromMemory = await ask(first)()
    // Writes are not waited for.
    await until(async () => {
      const before = redis.run('DBSIZE')
      await setTimeout(100)
      return redis.run('DBSIZE') === before
    })
    second.reads.length = 0
    const fromStore = await ask(second)()
    expect(fromMemory).toEqual(fromSystem)
    expect(fromStore).toEqual(fromSystem)
    const kept = keptFields(readDeclarations(partnerSchema)).map(({ coordinate }) => coordinate)
    expect(lookedUp(second, 'hit')).toEqual(kept.toSorted())
    // A vehicle that nobody has funded yet: what is unknown each instance asks for itself.
    expect(second.reads).toEqual(['lookup wholesale_funding'])
  })
})
