import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { odataSchema } from '../../../src/config/odata-schema.ts'
import { parseOperatorFile } from '../../../src/model/operator-file.ts'
import { partStock, partSupersession, type partsOrderLine } from '../../../src/systems/relations/parts-logistics.ts'
import { AS_OF } from '../sample.ts'
import { connect } from './connecting.ts'
import { SERVICE, sampleMapping, sampleService } from './sample-service.ts'
import { type ODataServer, startODataServer } from './server.ts'

/** What the person who writes a mapping is told. */
const signal = new AbortController().signal
const base = { kind: 'odata', version: 'V4', baseUrl: 'https://sap.example', relations: {} }
const stock = { entitySet: 'Stock', columns: {} }

const problemsOf = (settings: unknown): readonly string[] => {
  try {
    parseOperatorFile(odataSchema('/etc/gateway'), { source: 'gateway.yaml', value: settings })
    return []
  } catch (thrown) {
    return (thrown as Error).message.split('\n')
  }
}
const withColumn = (column: unknown) =>
  problemsOf({ ...base, relations: { part_stock: { ...stock, columns: { unit: column } } } })

describe('a setting that cannot be used', () => {
  test.each<[unknown, string]>([
    ['A B', 'relations.part_stock.columns.unit: is "A B"; must be a field, join.Field, or a mapping that says more'],
    [{}, 'must have exactly one of field, fields, constant, derive, collect, sum, min, max, asOf'],
    [{ field: 'A', constant: 'B' }, 'must have exactly one of field'],
    [{ field: 'A', default: 'B' }, 'must have default only beside codes'],
    [{ constant: 'A', pad: 5 }, 'must have pad only beside field'],
    [{ fields: ['A', 'B'] }, 'must have separator beside fields'],
    [{ field: 'A', codes: 'Nowhere' }, 'must name one of the tables under codes, not "Nowhere"'],
    [{ collect: 'lines.A' }, 'columns.unit.collect: is "lines.A"; must be join/Field'],
  ])('%j is told what it must be', (column, said) => {
    expect(withColumn(column).join()).toContain(said)
  })

  test.each<[object, string]>([
    [{ baseUrl: 'http://sap.example' }, 'baseUrl: is "http://sap.example"; must be an https URL'],
    [{ baseUrl: 'https://user:pass@sap.example' }, 'must be an https URL without user, password'],
    [{ headers: { authorization: 'Bearer s3cret' } }, 'headers.authorization: is no header that may be set'],
    [
      { auth: { kind: 'basic', user: 'x', password: 'two\nlines' } },
      'auth.password: is not valid; must be text on one line',
    ],
    [{ codes: { A: {} } }, 'codes.A: is a mapping; must have file or map'],
    [{ relations: { part: { columns: {} } } }, 'must have entitySet or function, exactly one of them'],
    [{ relations: { part: { ...stock, parameters: {} } } }, 'must have parameters beside function, and only there'],
    [{ relations: { part: { ...stock, service: '../other' } } }, 'must be a path without leading and trailing slash'],
    [{ maxUrlLength: 10 }, 'maxUrlLength: is 10; must be a whole number from 500 to 16000 (characters)'],
  ])('%j is told what it must be', (settings, said) => {
    const problems = problemsOf({ ...base, ...settings })
    expect(problems.join()).toContain(said)
    expect(problems.join()).not.toContain('s3cret')
  })
})

describe('a mapping that does not fit the service', () => {
  let server: ODataServer
  beforeAll(async () => {
    server = await startODataServer({ version: 'V4', services: { [SERVICE]: sampleService('V4') }, pageLimit: 50 })
  })
  afterAll(() => server.close())

  type Entry = { columns: Record<string, unknown>; joins?: Record<string, unknown> }
  async function inspected(
    relation: typeof partStock | typeof partsOrderLine | typeof partSupersession,
    change: (entry: Entry) => object,
  ) {
    const entry = sampleMapping('V4')[relation.name] as Entry
    const connector = await connect({
      version: 'V4',
      baseUrl: server.url,
      relations: { [relation.name]: change(entry) },
    })
    const [inspection] = await connector.inspect([relation], signal)
    await connector.close()
    return inspection?.problems
  }
  const column = (name: string, source: unknown) => (entry: Entry) => ({
    ...entry,
    columns: { ...entry.columns, [name]: source },
  })

  test('fits where it does', async () => {
    expect(await inspected(partStock, entry => entry)).toEqual([])
  })

  test.each<[string, unknown, string]>([
    ['unit', 'Einheit', 'column unit: expected varchar(3), there is no such field Einheit'],
    [
      'quantity_on_hand',
      'Unit',
      'column quantity_on_hand: expected numeric(15,3), found varchar(3) (Unit: Edm.String)',
    ],
    ['unit', 'QuantityOnHand', 'column unit: expected varchar(3), found numeric(15,3) (QuantityOnHand: Edm.Decimal)'],
    ['unit', { constant: 'pieces' }, 'column unit: expected varchar(3), found the value "pieces"'],
    [
      'stock_status',
      { field: 'StockStatus', codes: { '01': 'FREE' } },
      'column stock_status: expected varchar(40), found the value "FREE"',
    ],
    ['unit', 'elsewhere.Unit', 'column unit: there is no join elsewhere before it'],
    ['colour', 'Unit', 'column colour: is mapped, and the relation has no such column'],
    ['part_number', { derive: [{ is: 'LR1' }] }, 'column part_number: pages are sorted by it'],
    ['stock_status', { constant: 'BLOCKED' }, 'key: the entity set is identified by StockStatus too'],
  ])('column %s from %j is told of on one line', async (name, source, said) => {
    const problems = await inspected(partStock, column(name, source))
    expect(problems?.join('\n')).toContain(said)
    for (const problem of problems ?? []) expect(problem).not.toContain('\n')
  })

  test('that leaves a column out, names another entity set or service, says so', async () => {
    expect(
      await inspected(partStock, ({ columns: { unit: _, ...columns }, ...entry }) => ({ ...entry, columns })),
    ).toEqual(['column unit: expected varchar(3), there is no such column in the mapping'])
    expect(await inspected(partStock, entry => ({ ...entry, entitySet: 'Nothing' }))).toEqual([
      `${SERVICE} has no entity set Nothing`,
    ])
    expect((await inspected(partStock, entry => ({ ...entry, service: 'NO_SRV' })))?.join()).toContain('is it active')
    expect((await inspected(partSupersession, ({ joins: _, ...entry }) => entry))?.join()).toContain(
      'column chain: there is no join chain before it',
    )
  })

  test('of a join that has two rows where there is one at most is data that cannot be trusted', async () => {
    const entry = sampleMapping('V4').part_supersession as Entry
    const joins = { chain: { entitySet: 'PartSupersessionChain', on: { PartNumber: 'PartNumber' } } }
    const columns = { ...entry.columns, chain: { constant: [] }, current_part_number: 'chain.Item' }
    const connector = await connect({
      version: 'V4',
      baseUrl: server.url,
      relations: { part_supersession: { ...entry, columns, joins } },
    })
    const attempt = connector.page(
      partSupersession,
      { visible: { kind: 'all' }, where: [], after: null, first: 5 },
      signal,
    )
    await expect(attempt).rejects.toMatchObject({ code: 'SYSTEM_DATA_INVALID' })
    await connector.close()
  })

  test('is as of the request where the service is live, and the service has to answer for that', async () => {
    const clock = { now: () => Date.parse(AS_OF) }
    const connector = await connect({ version: 'V4', baseUrl: server.url, relations: sampleMapping('V4') }, clock)
    await expect(connector.freshness(signal)).resolves.toBe(AS_OF)
    const away = await connect({ version: 'V4', baseUrl: 'http://127.0.0.1:9', relations: sampleMapping('V4') }, clock)
    await expect(away.freshness(signal)).rejects.toThrow()
    const [inspection] = await away.inspect([partStock], signal)
    expect(inspection?.problems).toEqual([expect.stringContaining(`${SERVICE} cannot be reached: ECONNREFUSED`)])
    await Promise.all([connector.close(), away.close()])
  })
})
