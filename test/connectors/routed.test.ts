import { expect, test } from '@jest/globals'
import type { MappedConnector } from '../../src/connectors/mapped-connector.ts'
import { createRoutedConnector } from '../../src/connectors/routed.ts'
import type { RowFilter } from '../../src/systems/connector.ts'
import { materialDemand, productionLine, vehicleBuild } from '../../src/systems/relations/production-schedule.ts'
import { createScriptedConnector } from '../systems/scripted-connector.ts'

const signal = new AbortController().signal
const ALL: RowFilter = { kind: 'all' }

function part(asOf: string, changes: Partial<MappedConnector> = {}): MappedConnector & { calls: readonly string[] } {
  return {
    ...createScriptedConnector({ freshness: async () => asOf }),
    inspect: async relations =>
      relations.map(({ name }) => ({ relation: name, source: asOf, lookupsOnly: false, problems: [] })),
    proveReadOnly: async () => `shown at ${asOf}`,
    explain: ({ name }) => [`${name} at ${asOf}`],
    ...changes,
  }
}

const first = part('2025-10-08T05:30:00.000Z')
const second = part('2025-10-07T05:30:00.000Z')
const routed = createRoutedConnector([
  { connector: first, relations: [productionLine, vehicleBuild] },
  { connector: second, relations: [materialDemand] },
])

test('a read goes to the connector that has the relation, and to no other', async () => {
  await routed.page(materialDemand, { visible: ALL, where: [], after: null, first: 1 }, signal)
  await routed.lookup(productionLine, { columns: ['lineCode'], keys: [['L1']], visible: ALL }, signal)
  expect(second.calls).toEqual(['page'])
  expect(first.calls).toEqual(['lookup'])
  expect(routed.explain(vehicleBuild, { kind: 'lookup', query: { columns: [], keys: [], visible: ALL } })).toEqual([
    'vehicle_build at 2025-10-08T05:30:00.000Z',
  ])
})

test('the system is as of the oldest of its parts, and is inspected and proven in all of them', async () => {
  expect(await routed.freshness(signal)).toBe('2025-10-07T05:30:00.000Z')
  expect(await routed.inspect([materialDemand, productionLine], signal)).toEqual([
    { relation: 'material_demand', source: '2025-10-07T05:30:00.000Z', lookupsOnly: false, problems: [] },
    { relation: 'production_line', source: '2025-10-08T05:30:00.000Z', lookupsOnly: false, problems: [] },
  ])
  expect(await routed.proveReadOnly(signal)).toBe(
    'shown at 2025-10-08T05:30:00.000Z; shown at 2025-10-07T05:30:00.000Z',
  )
  await routed.probe([productionLine], signal)
  expect([first, second].map(({ calls }) => calls.filter(call => call === 'probe').length)).toEqual([1, 1])
})

test('what each part warns of is said, and what any of them loads is waited for', async () => {
  const told: string[] = []
  const both = createRoutedConnector([
    {
      connector: part('2025-10-08T05:30:00.000Z', { warning: () => 'a drop is refused' }),
      relations: [productionLine],
    },
    {
      connector: part('2025-10-07T05:30:00.000Z', {
        warning: () => 'a drop is old',
        whenLoaded: async (_, progress) => progress('5 rows are loaded'),
      }),
      relations: [materialDemand],
    },
  ])
  expect(both.warning()).toBe('a drop is refused; a drop is old')
  await both.whenLoaded?.(signal, text => told.push(text))
  expect(told).toEqual(['5 rows are loaded'])
})

test('one part that fails its probe or warns is said of the whole', async () => {
  const failing = createRoutedConnector([
    { connector: first, relations: [productionLine] },
    {
      connector: part('2025-10-07T05:30:00.000Z', {
        probe: () => Promise.reject(new Error('no such table')),
        warning: () => 'a newer drop is refused',
      }),
      relations: [materialDemand],
    },
  ])
  await expect(failing.probe([productionLine, materialDemand], signal)).rejects.toThrow('no such table')
  expect(failing.warning()).toBe('a newer drop is refused')
  expect(routed.warning()).toBeNull()
})
