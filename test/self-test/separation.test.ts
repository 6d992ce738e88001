import { beforeAll, describe, expect, test } from '@jest/globals'
import { EMBEDDED_CONFIG_FILE } from '../../src/config/embedded.ts'
import { type Config, loadConfig } from '../../src/config/load-config.ts'
import { loadSchema } from '../../src/graphql/schema.ts'
import { systemClock } from '../../src/model/clock.ts'
import { SYSTEM_KEYS } from '../../src/model/system.ts'
import { readDeclarations } from '../../src/operations/declarations.ts'
import { SCHEMA_DIRECTORY } from '../../src/partner-api.ts'
import { cachedFields } from '../../src/self-test/separation/cached-fields.ts'
import { CANARIES } from '../../src/self-test/separation/canary.ts'
import { createCanaryConnector } from '../../src/self-test/separation/canary-connector.ts'
import { type CanaryGatewayOptions, startCanaryGateway } from '../../src/self-test/separation/canary-gateway.ts'
import { canaryRows } from '../../src/self-test/separation/canary-rows.ts'
import { testSeparation } from '../../src/self-test/separation/separation.ts'
import type { RawRow } from '../../src/systems/connector.ts'
import { RELATIONS } from '../../src/systems/relations/all.ts'
import type { Connectors } from '../../src/systems/restored-systems.ts'
import { mutatedSchema, withPartition } from './mutated-schema.ts'

const schema = await loadSchema(SCHEMA_DIRECTORY)
const probes = cachedFields(schema, readDeclarations(schema))

let config: Config
beforeAll(async () => {
  config = await loadConfig(EMBEDDED_CONFIG_FILE, {})
})

async function problems(change: Partial<CanaryGatewayOptions> = {}): Promise<readonly string[]> {
  const whole = { config, schema: await loadSchema(SCHEMA_DIRECTORY), clock: systemClock, ...change }
  return (await testSeparation(whole)).problems
}

test('every cached field of every system is asked as two partners, and keeps them apart', async () => {
  const { fields, problems } = await testSeparation({
    config,
    schema: await loadSchema(SCHEMA_DIRECTORY),
    clock: systemClock,
  })
  expect(problems).toEqual([])
  expect(fields).toBe(probes.length)
  const declared = [...readDeclarations(schema).values()].filter(
    ({ system, maxAgeSeconds }) => system !== null && (maxAgeSeconds ?? 0) > 0,
  )
  expect(new Set(probes.map(({ declaration }) => declaration.coordinate))).toEqual(
    new Set(declared.map(({ coordinate }) => coordinate)),
  )
  expect(declared.length).toBeGreaterThan(25)
  for (const key of SYSTEM_KEYS) expect(declared.some(({ system }) => system === key)).toBe(true)
  for (const { questions } of probes) expect(questions.length).toBeGreaterThan(0)
})

test('rows of the two differ in all that they are not found by, so that a foreign one shows', () => {
  for (const relation of Object.values(RELATIONS).flat()) {
    const [first, second, ...more] = canaryRows(relation)
    if (relation.access.kind === 'open') {
      expect(second).toBeUndefined()
      continue
    }
    expect(more).toEqual([])
    const found = new Set([...relation.key, ...relation.lookups.flat()])
    for (const name of Object.keys(relation.columns))
      if (relation.columns[name]?.kind === 'decimal' && !found.has(name)) expect(first?.[name]).not.toBe(second?.[name])
    expect(first).not.toEqual(second)
  }
})

test('what was kept is asked for as well: the first partner is answered the second time without a read', async () => {
  const reads: string[] = []
  const gateway = await startCanaryGateway({
    config,
    schema: await loadSchema(SCHEMA_DIRECTORY),
    clock: systemClock,
    connectors: counted(reads),
  })
  try {
    const [a, b] = CANARIES
    const [question] = probes.find(({ name }) => name === 'SupplierInvoice.lines')?.questions ?? []
    const seen: number[] = []
    for (const canary of [a, b, a]) {
      await gateway.ask(canary, question?.query ?? '')
      seen.push(reads.splice(0).length)
    }
    expect(seen).toEqual([2, 2, 0])
  } finally {
    await gateway.close()
  }
})

describe('a field whose @partition is wrong is named', () => {
  const dependent = probes.filter(
    ({ name, declaration }) => name === declaration.coordinate && declaration.partition?.length,
  )

  // One of each system at a time: no answer of one has values of another.
  const ofSystems = SYSTEM_KEYS.map(key => dependent.filter(({ declaration }) => declaration.system === key))
  const rounds = Array.from({ length: Math.max(...ofSystems.map(({ length }) => length)) }, (_, round) =>
    ofSystems.flatMap(fields => fields[round]?.name ?? []),
  )

  test.each(rounds.map(names => [names.join(', '), names] as const))('%s: with none of its facts', async (_, names) => {
    const change = (sdl: string) => names.reduce((text, name) => withPartition(name, [])(text), sdl)
    const found = await problems({ schema: await mutatedSchema(change) })
    for (const name of names)
      expect(found).toContainEqual(expect.stringMatching(RegExp(`^${name}: .*@partition\\(by: \\[\\]\\)`)))
  })

  test('every one of them', () =>
    expect(rounds.flat().toSorted()).toEqual(dependent.map(({ name }) => name).toSorted()))

  test('without any, before anything is asked', async () => {
    const dropped = await mutatedSchema(withPartition('SupplierInvoice.lines', null))
    await expect(problems({ schema: dropped })).rejects.toThrow(
      'SupplierInvoice.lines reads WHOLESALE_FINANCE and declares no @partition',
    )
  })

  test('with an argument that adds nothing any more', async () => {
    const dropped = await mutatedSchema(sdl =>
      sdl.replace('shipToBpns: BPNS @partition(by: [PARTNER])', 'shipToBpns: BPNS @partition(by: [])'),
    )
    expect(await problems({ schema: dropped })).toEqual([
      expect.stringMatching(/^Query\.partAvailability\(shipToBpns:\): /),
    ])
  })
})

test('a field that no way leads to is named, because nothing shows that it keeps partners apart', async () => {
  const away = await mutatedSchema(sdl =>
    sdl.replace(
      'vehicleBuild("The vehicle." vin: VIN!)',
      'vehicleBuild("The vehicle." vin: VIN!, unknown: PartsOrderLineFilter!)',
    ),
  )
  expect(await problems({ schema: away })).toEqual([
    expect.stringMatching(/^Query\.vehicleBuild: cannot be asked .*: no way leads to it/),
  ])
})

describe('a value of another partner in an answer is a leak, wherever it came from', () => {
  const [a, b] = CANARIES

  /** The second partner's rows with a value out of the first one's. */
  const leaking = (relation: string, column: string): Connectors =>
    overRows((name, rows) => {
      const of = Object.values(RELATIONS)
        .flat()
        .find(one => one.name === name)
      const stolen = of && canaryRows(of)[0]
      return rows.map(row =>
        name === relation && JSON.stringify(row).includes(b.bpnl) ? { ...row, [column]: stolen?.[column] } : row,
      )
    })

  test.each([
    ['a text', 'supplier_invoice', 'paymentTerms', 'Query.supplierInvoices'],
    ['an amount', 'supplier_payment', 'amount', 'Query.supplierPayments'],
    ['a date', 'vehicle_wholesale', 'wholesaleDate', 'Query.vehicleWholesales'],
    ['a time', 'parts_order_line', 'estimatedArrival', 'Query.partsOrderLines'],
  ])('%s', async (_, relation, column, field) => {
    const found = await problems({ connectors: leaking(relation, column) })
    expect(found).toContainEqual(
      `${field}: gives partner ${b.client} what belongs to ${a.client}; look at its @partition(by: [PARTNER]) in schema/`,
    )
  })
})

function overRows(change: (relation: string, rows: readonly RawRow[]) => readonly RawRow[]): Connectors {
  return Object.fromEntries(
    SYSTEM_KEYS.map(key => {
      const connector = createCanaryConnector(RELATIONS[key])
      return [
        key,
        {
          ...connector,
          async lookup(...[relation, query, signal]: Parameters<typeof connector.lookup>) {
            const reading = await connector.lookup(relation, query, signal)
            return { ...reading, rows: change(relation.name, reading.rows) }
          },
          async page(...[relation, query, signal]: Parameters<typeof connector.page>) {
            const reading = await connector.page(relation, query, signal)
            return { ...reading, rows: change(relation.name, reading.rows) }
          },
        },
      ]
    }),
  ) as unknown as Connectors
}

function counted(reads: string[]): Connectors {
  return overRows((relation, rows) => {
    reads.push(relation)
    return rows
  })
}
