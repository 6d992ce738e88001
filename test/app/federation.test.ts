import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { ExecutionResult, GraphQLSchema } from 'graphql'
import { createDataset } from '../../demo/generator/dataset.ts'
import { part } from '../../src/systems/relations/parts-logistics.ts'
import { supplierInvoice, vehicleWholesale } from '../../src/systems/relations/wholesale-finance.ts'
import { TEST_DATASET } from '../support/dataset.ts'
import { type DeclaredGateway, startGateway } from '../support/gateway.ts'
import { composed, executed, type Subgraph, startSubgraph } from '../support/supergraph.ts'

/**
 * The gateway as a subgraph, beside another one and under a router: composed from what both say of themselves, and asked over
 * real connections with partners' tokens.
 */

const dataset = createDataset(TEST_DATASET)
const first = <T>(rows: Iterable<T>, is: (row: T) => boolean): T => {
  for (const row of rows) if (is(row)) return row
  throw new Error('the data has no such row')
}
const RETAILER = 'BPNL00000R000121'
const SUPPLIER = 'BPNL00000S0001QZ'
const { partNumber, description } = first(dataset.rows(part), row => row.supersededByPartNumber === null)
const invoice = first(dataset.rows(supplierInvoice), row => row.supplierBpnl === SUPPLIER)
const vehicle = first(dataset.rows(vehicleWholesale), row => row.retailerBpnl === RETAILER && row.status !== 'CREDITED')

let gateway: DeclaredGateway
let workshop: Subgraph
let supergraph: GraphQLSchema
beforeAll(async () => {
  gateway = await startGateway({ settings: { federation: { enabled: true } } })
  const url = `${await gateway.app.partners.listen({ host: '127.0.0.1', port: 0 })}/graphql`
  const { body } = await gateway.ask('sample-internal', { query: '{ _service { sdl } }' })
  workshop = await startSubgraph(
    `
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key"])
      scalar PartNumber
      scalar VIN
      type Query { job: Job! }
      type Job { parts: [Part]! vehicle: VehicleWholesale dispute: Dispute! }
      type Dispute { reason: String! invoice: SupplierInvoice }
      type Part @key(fields: "partNumber") { partNumber: PartNumber! fittingMinutes: Int! }
      type SupplierInvoice @key(fields: "supplierInvoiceReference") { supplierInvoiceReference: String! }
      type VehicleWholesale @key(fields: "vin") { vin: VIN! bay: String! }
    `,
    {
      job: {
        parts: [partNumber, 'UNKNOWN-1'].map(number => ({ partNumber: number, fittingMinutes: 40 })),
        vehicle: { vin: vehicle.vin, bay: 'B2' },
        dispute: {
          reason: 'short delivery',
          invoice: { supplierInvoiceReference: invoice.supplierInvoiceReference },
        },
      },
    },
    { Part: ({ partNumber }) => ({ partNumber, fittingMinutes: 40 }) },
  )
  supergraph = composed([
    { name: 'gateway', sdl: body.data._service.sdl, url },
    { name: 'workshop', sdl: workshop.sdl, url: workshop.url },
  ])
})
afterAll(async () => {
  await workshop?.close()
  await gateway?.close()
})

async function ask(clientId: string, scopes: readonly string[], query: string): Promise<ExecutionResult> {
  const token = await gateway.issuer.sign({ clientId, scopes, lifetimeSeconds: 600 })
  return executed(supergraph, query, `Bearer ${token}`)
}
const codesOf = ({ errors = [] }: ExecutionResult) => errors.map(({ extensions }) => extensions.code)

describe('under a supergraph', () => {
  const PARTS = '{ job { parts { partNumber fittingMinutes description supersession { kind } } } }'

  test('a partner is told of a part by two subgraphs at once; one that the catalogue does not have is null', async () => {
    // The third time its operation and its answer are known.
    for (let time = 1; time <= 3; time++) {
      const answer = await ask('sample-retailer', ['parts:read'], PARTS)
      const known = { partNumber, fittingMinutes: 40, description, supersession: null }
      expect(answer.data).toEqual({ job: { parts: [known, null] } })
      // The router's own: no part has no description.
      expect(answer.errors?.map(({ message }) => message)).toEqual([expect.stringContaining('Part.description')])
    }
  })

  test('what the gateway answers is told further by the other subgraph', async () => {
    const answer = await ask(
      'sample-retailer',
      ['parts:read'],
      `{ part(partNumber: "${partNumber}") { fittingMinutes } }`,
    )
    expect([answer.errors, answer.data]).toEqual([undefined, { part: { fittingMinutes: 40 } }])
  })

  test('a record is its owner’s alone, whoever hands in its key', async () => {
    const vehicles = '{ job { vehicle { bay status netAmount { amount } } } }'
    const own = await ask('sample-retailer', ['wholesale:read'], vehicles)
    expect(own.data).toEqual({
      job: { vehicle: { bay: 'B2', status: vehicle.status, netAmount: { amount: vehicle.netAmount } } },
    })
    const other = await ask('retailer-0004', ['wholesale:read'], vehicles)
    expect(other.data).toEqual({ job: { vehicle: null } })
    const nullable = await ask('retailer-0004', ['wholesale:read'], '{ job { vehicle { bay funding { status } } } }')
    expect([nullable.errors, nullable.data]).toEqual([undefined, { job: { vehicle: { bay: 'B2', funding: null } } }])
    expect(JSON.stringify(other)).not.toContain(vehicle.netAmount)
  })

  test('a partner without the scope is refused, and the other subgraph still answers', async () => {
    const answer = await ask('sample-retailer', ['parts:read'], '{ job { dispute { reason invoice { status } } } }')
    expect(codesOf(answer)).toContain('FORBIDDEN')
    expect(answer.data).toMatchObject({ job: { dispute: { reason: 'short delivery' } } })
  })

  test('a supplier’s invoice is found by its own number', async () => {
    const answer = await ask('sample-supplier', ['payments:read'], '{ job { dispute { invoice { status } } } }')
    expect([answer.errors, answer.data]).toEqual([
      undefined,
      { job: { dispute: { invoice: { status: invoice.status } } } },
    ])
  })
})

describe('entities asked of the gateway itself', () => {
  const QUERY = `query ($r: [_Any!]!) {
    _entities(representations: $r) { __typename ... on Part { partNumber } ... on VehicleWholesale { vin status } }
  }`
  const known = { __typename: 'Part', partNumber }
  const entities = (representations: readonly unknown[], client = 'sample-retailer', scopes?: readonly string[]) =>
    gateway.ask(client, { query: QUERY, variables: { r: representations } }, scopes)

  test('are read together, and stand in the order asked', async () => {
    gateway.reads.length = 0
    const numbers = [...dataset.rows(part)].slice(100, 140).map(row => row.partNumber)
    const { body } = await entities(numbers.map(number => ({ __typename: 'Part', partNumber: number })))
    expect(body.data._entities.map((one: { partNumber: string }) => one.partNumber)).toEqual(numbers)
    expect(gateway.reads).toEqual(['lookup part'])
  })

  test('are kept as the same question would be, and for nobody else', async () => {
    const query = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on VehicleWholesale { vin } } }`
    const r = [{ __typename: 'VehicleWholesale', vin: vehicle.vin }]
    const asked = async (client: string) => {
      const { headers, body } = await gateway.ask(client, { query, variables: { r } })
      return [headers['cache-control'], headers.age !== undefined, body]
    }
    const own = { data: { _entities: [{ vin: vehicle.vin }] } }
    for (let time = 1; time <= 3; time++) {
      const [freshness, , body] = await asked('sample-retailer')
      expect([freshness, body]).toEqual([expect.stringMatching(/^private, max-age=1[0-5]$/), own])
    }
    gateway.reads.length = 0
    expect((await asked('sample-retailer'))[1]).toBe(true)
    expect(gateway.reads).toEqual([])
    expect((await asked('retailer-0007')).at(-1)).toEqual({ data: { _entities: [null] } })
    expect(gateway.reads).toEqual(['lookup vehicle_wholesale'])
  })

  test('that are forged are each refused at their own place, and the others are answered', async () => {
    const { status, body } = await entities([
      { __typename: 'SupplierPayment', id: '1' },
      known,
      { __typename: 'SupplierInvoice', supplierInvoiceReference: invoice.supplierInvoiceReference },
      { __typename: 'Part' },
      { __typename: 'Part', partNumber: 'no number' },
      { __typename: 'Query' },
      { __typename: 'Part', partNumber, price: '1.00' },
    ])
    const given = { __typename: 'Part', partNumber }
    expect([status, body.data._entities]).toEqual([200, [null, given, null, null, null, null, given]])
    const told = body.errors.map(
      ({ path, message, extensions }: { path: unknown[]; message: string; extensions: { code: string } }) => [
        path.join('.'),
        extensions.code,
        message,
      ],
    )
    expect(told).toEqual([
      ['_entities.0', 'BAD_USER_INPUT', 'representations[0]: its __typename is none that can be asked for by a key.'],
      ['_entities.2', 'BAD_USER_INPUT', 'representations[2]: the operation selects nothing on SupplierInvoice.'],
      [
        '_entities.3',
        'BAD_USER_INPUT',
        'representations[3]: partNumber names no Part: it is missing, or not of its form.',
      ],
      [
        '_entities.4',
        'BAD_USER_INPUT',
        'representations[4]: partNumber names no Part: it is missing, or not of its form.',
      ],
      ['_entities.5', 'BAD_USER_INPUT', 'representations[5]: its __typename is none that can be asked for by a key.'],
    ])
  })

  test('are given where only their name is asked for, through an interface that they implement', async () => {
    const query = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Part { ... on Node { __typename } } } }`
    const { status, body } = await gateway.ask('sample-retailer', { query, variables: { r: [known] } })
    expect([status, body]).toEqual([200, { data: { _entities: [{ __typename: 'Part' }] } }])
  })

  test('that are no representations refuse the question', async () => {
    const { status, body } = await entities([known, 'Part'])
    expect([status, body.errors[0].extensions.code]).toEqual([400, 'BAD_USER_INPUT'])
  })

  test('need the scopes of every type that is selected, whatever representations come', async () => {
    const { status, body } = await entities([known], 'sample-retailer', ['parts:read'])
    expect([status, body.errors[0].extensions.code]).toEqual([403, 'FORBIDDEN'])
    expect(body.errors[0].extensions.fields).toEqual([
      { field: 'Query.vehicleWholesale', missingScopes: ['wholesale:read'] },
    ])
  })

  test('of a closed system are null at their places, and those of others are given', async () => {
    const asked = [known, { __typename: 'VehicleWholesale', vin: vehicle.vin }]
    expect((await entities(asked)).body.errors).toBeUndefined()
    const { state } = gateway.recovery.current()
    const closed = { ...state.systems.WHOLESALE_FINANCE, lifecycle: 'SUSPENDED' } as const
    gateway.recovery.declare({ ...state, systems: { ...state.systems, WHOLESALE_FINANCE: closed } })
    const { body } = await entities(asked)
    expect(body.data._entities).toEqual([{ __typename: 'Part', partNumber }, null])
    expect(body.errors.map(({ path, extensions }: never) => [path, (extensions as { code: string }).code])).toEqual([
      [['_entities', 1], 'SYSTEM_NOT_OPEN'],
    ])
  })
})

describe('the SDL of the subgraph', () => {
  test('stands behind the scope of introspection', async () => {
    const { status, body } = await gateway.ask('sample-retailer', { query: '{ _service { sdl } }' })
    expect([status, body.errors[0].extensions.code]).toEqual([403, 'FORBIDDEN'])
  })
})
