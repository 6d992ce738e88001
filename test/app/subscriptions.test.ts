import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type { RecoveryState } from '../../src/recovery/state.ts'
import type { SystemState } from '../../src/recovery/system-state.ts'
import { ask, type StreamClient, SYSTEMS } from '../graphql/stream-server.ts'
import { type DeclaredGateway, startGateway } from '../support/gateway.ts'

/** Subscriptions of the whole gateway: real tokens, a real socket, and the restart that its queries are answered from. */

const CLIENT = 'sample-retailer'
const QUERY = '{ restoredSystem(key: PRODUCTION_SCHEDULE) { lifecycle answersViewer } }'

let gateway: DeclaredGateway
let begun: RecoveryState
let aheadMs = 0
beforeAll(async () => {
  gateway = await startGateway({ clock: { now: () => Date.now() + aheadMs }, isSmall: true })
  begun = gateway.recovery.current().state
  await gateway.app.partners.listen({ host: '127.0.0.1', port: 0 })
})
afterEach(() => {
  aheadMs = 0
  gateway.recovery.declare(begun)
})
afterAll(() => gateway?.close())

async function subscribe(lifetimeSeconds = 3_600): Promise<StreamClient> {
  const token = await gateway.issuer.sign({ clientId: CLIENT, scopes: ['restart:read'], lifetimeSeconds })
  return ask((gateway.app.partners.server.address() as AddressInfo).port, SYSTEMS, { client: token })
}

function change(system: Partial<SystemState>): void {
  const { state } = gateway.recovery.current()
  const changed = { ...state.systems.PRODUCTION_SCHEDULE, ...system }
  gateway.recovery.declare({ ...state, systems: { ...state.systems, PRODUCTION_SCHEDULE: changed } })
}

const partnerOfClient = () => {
  const found = [...gateway.recovery.current().state.partners.values()].find(({ entry }) =>
    entry.clients.includes(CLIENT),
  )
  if (!found) throw new Error(`the sample has no client ${CLIENT}`)
  return found.entry
}

test('a system opens, its subscriber is told at once, and the very next query says the same', async () => {
  const client = await subscribe()
  expect(client.status).toBe(200)
  change({ lifecycle: 'OPEN', suspension: null })
  const { data } = await client.next()
  expect(data).toEqual({
    data: { restoredSystemChanged: { key: 'PRODUCTION_SCHEDULE', lifecycle: 'OPEN', answersViewer: true } },
  })
  expect((await gateway.ask(CLIENT, { query: QUERY })).body.data.restoredSystem).toEqual({
    lifecycle: 'OPEN',
    answersViewer: true,
  })
  change({ lifecycle: 'LIMITED_OPEN', waves: [99] })
  expect((await client.next()).data.data.restoredSystemChanged.answersViewer).toBe(false)
})

test('a partner that is disabled is told nothing more, and is refused', async () => {
  const client = await subscribe()
  gateway.grant(partnerOfClient().bpnl, { disabled: true })
  change({ lifecycle: 'OPEN' })
  expect(await client.next()).toEqual({ event: 'complete', data: null })
  await client.closed
  expect((await gateway.ask(CLIENT, { query: QUERY })).status).toBe(403)
})

test('a token that has expired ends its stream', async () => {
  const client = await subscribe(60)
  change({ lifecycle: 'OPEN' })
  expect((await client.next()).event).toBe('next')
  // Past the end and the skew that is allowed for.
  aheadMs = 600_000
  change({ lifecycle: 'SUSPENDED' })
  expect(await client.next()).toEqual({ event: 'complete', data: null })
})

test('a subscription is no question: where questions are answered it is refused', async () => {
  const { status, body } = await gateway.ask(CLIENT, { query: SYSTEMS })
  expect([status, body.errors[0].extensions.code]).toEqual([400, 'OPERATION_RESOLUTION_FAILURE'])
})

test('a gateway that stops does not wait for streams', async () => {
  const client = await subscribe()
  await gateway.app.partners.drain()
  expect(await client.next()).toEqual({ event: 'complete', data: null })
})
