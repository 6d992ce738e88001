import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { tellSampleStory } from '../../src/commands/embedded.ts'
import { readYaml } from '../../src/config/yaml-file.ts'
import { systemClock } from '../../src/model/clock.ts'
import { type StoryGateway, startStoryGateway } from '../support/story-gateway.ts'

/** The embedded default as it runs: nothing declared, everything signed. */

let gateway: StoryGateway
beforeAll(async () => {
  gateway = await startStoryGateway()
}, 60_000)
afterAll(() => gateway.close())

const DEMANDS = '{ materialDemands(first: 1) { edges { node { day } } provenance { gapFrom } } }'
const SCHEDULE = 'urn:restored-system:production-schedule'

describe('after the first start', () => {
  test('partners are answered as the story has it: by lifecycle, by wave, and not at all where disabled', async () => {
    const vehicles = '{ vehicleWholesales(first: 1) { edges { node { vin } } } }'
    const first = await gateway.ask('sample-retailer', { query: vehicles })
    expect(first.body.data.vehicleWholesales.edges).toHaveLength(1)
    const second = await gateway.ask('retailer-0002', { query: vehicles })
    expect(second.body.errors[0].extensions).toMatchObject({ code: 'SYSTEM_NOT_OPEN', lifecycle: 'LIMITED_OPEN' })
    const supplier = await gateway.ask('sample-supplier', { query: DEMANDS })
    expect(supplier.body.errors[0].extensions).toMatchObject({ code: 'SYSTEM_NOT_OPEN', lifecycle: 'VERIFIED' })
    expect((await gateway.ask('retailer-0040', { query: vehicles })).status).toBe(403)
  })

  test('the story is told once: the next start has nothing to add', async () => {
    const said: string[] = []
    const { sequence } = gateway.restart.health()
    await tellSampleStory(gateway.app, gateway.config, { clock: systemClock, progress: text => said.push(text) })
    expect([said, gateway.restart.health().sequence]).toEqual([[], sequence])
  })

  test('attested are the sums that the systems give, so that no later look finds a difference', async () => {
    for (const system of ['PARTS_LOGISTICS', 'WHOLESALE_FINANCE', 'PRODUCTION_SCHEDULE'] as const) {
      const attested = gateway.restart.attestations(system).map(({ totals }) => totals)
      const { totals } = await gateway.app.examine(system, Object.keys(attested[0] ?? {}))
      expect(Object.keys(totals)).toHaveLength(3)
      expect(attested).toMatchObject([totals, totals])
    }
  })
})

test('the first step of the reader: signed and handed in, and the very next question of a supplier is answered', async () => {
  const facts = (await readYaml(fileURLToPath(new URL('../../demo/opening.yaml', import.meta.url)))) as object
  const { guards } = await gateway.submit('RECOVERY_LEAD', 'lifecycle-transition', {
    sub: SCHEDULE,
    from: 'VERIFIED',
    to: 'LIMITED_OPEN',
    waves: [1],
    ...facts,
  })
  expect(guards.map(({ outcome }) => outcome)).toEqual(guards.map(() => 'PASSED'))
  const answer = await gateway.ask('sample-supplier', { query: DEMANDS })
  expect(answer.body.data.materialDemands.edges).toHaveLength(1)
  expect(answer.body.data.materialDemands.provenance.gapFrom).toBe('2025-08-29T20:00:00.000Z')
})
