import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from '@jest/globals'
import { checkConfiguration } from '../../src/commands/config/checks/configuration-check.ts'
import { PAGE_CHECKS } from '../../src/commands/config/checks/page-checks.ts'
import type { Problem } from '../../src/commands/config/checks/problem.ts'
import { reasonOf } from '../../src/commands/config/checks/problem.ts'
import { problemsIn, reportText } from '../../src/commands/config/checks/report.ts'
import { checkService } from '../../src/commands/config/checks/service-check.ts'
import { checkSystem } from '../../src/commands/config/checks/system-check.ts'
import { shieldSchema } from '../../src/config/shield-schema.ts'
import type { MappedConnector } from '../../src/connectors/mapped-connector.ts'
import { GatewayError } from '../../src/model/errors.ts'
import { ConfigError } from '../../src/model/operator-file.ts'
import { SYSTEM_KEYS } from '../../src/model/system.ts'
import { type AnyRelation, WriteAccepted } from '../../src/systems/connector.ts'
import { partAvailability, partStock, partsOrderLine } from '../../src/systems/relations/parts-logistics.ts'
import { AS_OF, SAMPLE, SAMPLE_RELATIONS } from '../connectors/sample.ts'
import { type Breach, createMemoryConnector, firstChanged } from './memory-connector.ts'

const RELATIONS = SAMPLE_RELATIONS.filter(({ system }) => system === 'PARTS_LOGISTICS')
const SITES = new Set([...SAMPLE.values()].flat().flatMap(row => [row.siteBpns, row.originBpns, row.destinationBpns]))

async function check(
  connector: MappedConnector | Promise<MappedConnector>,
  deadlineMs = 5_000,
  loadingMs = deadlineMs,
) {
  const progress: string[] = []
  const report = await checkSystem({
    system: 'PARTS_LOGISTICS',
    settings: { connectors: [{ kind: 'embedded-postgres', schema: 'parts_logistics' }] },
    open: async () => connector,
    relations: RELATIONS,
    sites: { file: 'sites.yaml', has: bpns => SITES.has(bpns) },
    deadlineMs,
    loadingMs,
    clock: { now: () => Date.parse('2025-10-08T06:00:00Z') },
    progress: text => void progress.push(text),
  })
  return { ...report, progress }
}

const checkBreach = (breach: Breach) => check(createMemoryConnector(breach))
const shown = ({ problems }: { readonly problems: readonly Problem[] }) =>
  problems.map(({ where, what }) => `${where}: ${what}`)

describe('a system that is as it should be', () => {
  test('has no problem, and each of its relations is shown with what was found', async () => {
    const connector = createMemoryConnector()
    const report = await check(connector)
    expect(report.problems).toEqual([])
    expect(report).toMatchObject({ reachable: true, readOnly: 'memory cannot be written to', asOf: AS_OF })
    for (const [index, relation] of RELATIONS.entries()) {
      const rows = SAMPLE.get(relation)?.length ?? 0
      expect(report.relations[index]).toMatchObject({
        relation: relation.name,
        source: `memory.${relation.name}`,
        mappingRight: true,
        rows,
        sample: { rows, good: rows },
        asOf: AS_OF,
      })
      expect(report.progress).toContain(`parts-logistics: ${relation.name} (${index + 1} of ${RELATIONS.length})\n`)
    }
    expect(connector.isClosed()).toBe(true)
  })

  test('is shown in 120 columns', async () => {
    const text = reportText({ systems: [await check(createMemoryConnector())], services: [] })
    expect(text).toContain('Parts logistics (embedded-postgres)\n  answers · read only: memory cannot be written to')
    expect(text).toMatch(/\npart_stock +right +18 +2 +18 good +2025-10-08 05:30Z +memory\.part_stock\n/)
    expect(text.endsWith('\nNothing is wrong.\n')).toBe(true)
    expect(text.split('\n').filter(line => line.length > 120)).toEqual([])
  })
})

/** What only the source has: no message may show it. */
const CANARY = 'canary-7f3a'

describe('rows that the border would refuse are named by column, never by value', () => {
  test.each([
    [
      'an owner that is null',
      partsOrderLine,
      { retailerBpnl: null },
      'retailer_bpnl: is null in 1 of the first 30 rows',
    ],
    [
      'an owner of another form',
      partsOrderLine,
      { retailerBpnl: CANARY },
      'retailer_bpnl: is not a BPNL (CX-0010) in 1',
    ],
    [
      'a code that is unknown',
      partsOrderLine,
      { status: CANARY },
      'status: is a code that the relation does not have in 1',
    ],
    [
      'a site that is unknown',
      partStock,
      { siteBpns: 'BPNSCANARY7F3A00' },
      'site_bpns: names a site that the site directory does not have in 1',
    ],
    ['a column that is missing', partStock, { unit: undefined }, 'unit: is missing in 1'],
    [
      'a number where text is due',
      partAvailability,
      { quantityInTransit: 1 },
      'quantity_in_transit: is of type number, expected numeric(15,3) in 1',
    ],
    [
      'text that is too long',
      partsOrderLine,
      { supplierOrderId: CANARY.repeat(3) },
      'supplier_order_id: is longer or larger than varchar(20) in 1',
    ],
    ['text that is empty', partsOrderLine, { customerOrderId: '' }, 'customer_order_id: is empty in 1'],
    [
      'a decimal that is none',
      partStock,
      { quantityOnHand: CANARY },
      'quantity_on_hand: is not a numeric(15,3) written as text in 1',
    ],
    [
      'a time without an offset',
      partStock,
      { lastUpdatedOn: '2025-10-08 05:30' },
      'last_updated_on: is no timestamptz(3) in 1',
    ],
  ] as const)('%s', async (_, relation, change, expected) => {
    const report = await checkBreach({
      rows: (asked, rows) => (asked === relation ? firstChanged(change as never)(rows) : rows),
    })
    const problems = shown(report)
    expect(problems).toContainEqual(expect.stringContaining(`parts-logistics ${relation.name}, column ${expected}`))
    expect(JSON.stringify(report)).not.toMatch(/canary/i)
    expect(report.relations.find(({ relation: name }) => name === relation.name)?.sample).toMatchObject({
      good: (SAMPLE.get(relation)?.length ?? 0) - 1,
    })
  })

  test('the remedy for a code says which there are', async () => {
    const report = await checkBreach({
      rows: (asked, rows) => (asked === partStock ? firstChanged({ stockStatus: 'FREE' })(rows) : rows),
    })
    expect(report.problems[0]?.remedy).toMatch(/^map it to UNRESTRICTED, /)
  })
})

describe('a mapping that breaks a rule of reads is found by real rows', () => {
  const of = (name: string, what: string) => expect.stringMatching(new RegExp(`^parts-logistics ${name}: ${what}`))

  test('two rows of one key', async () => {
    const report = await checkBreach({
      rows: (relation, rows) => (relation.name === 'part' ? [...rows.slice(0, 1), ...rows] : rows),
    })
    expect(shown(report)).toContainEqual(
      of('part', String.raw`1 of 13 rows have the key \(part_number\) of another row`),
    )
  })

  test('a key that does not find its row, as where it is padded', async () => {
    const report = await checkBreach({
      calls: { lookup: async () => ({ rows: [], asOf: AS_OF }) },
    })
    expect(shown(report)).toContainEqual(of('part', String.raw`a look-up by \(part_number\) does not find the row`))
    expect(shown(report)).toHaveLength(RELATIONS.flatMap(({ lookups }) => lookups).length)
  })

  test('keys that are not pushed down', async () => {
    const report = await checkBreach({
      calls: { lookup: async relation => ({ rows: SAMPLE.get(relation) ?? [], asOf: AS_OF }) },
    })
    expect(shown(report)).toContainEqual(
      of('part', String.raw`a look-up by \(part_number\) gives rows with other values`),
    )
  })

  test('owners and sites that are not pushed down', async () => {
    const report = await checkBreach({ asked: query => ({ ...query, visible: { kind: 'all' } }) })
    expect(shown(report)).toEqual([
      of('part_stock', 'a page of a site has 12 rows of another'),
      of('part_availability', 'a page of a site has 16 rows of another'),
      of('parts_order_line', 'a page of an owner has 10 rows of another'),
      of('parts_delivery', 'a page of an owner has 10 rows of another'),
    ])
  })

  test('an owner who does not find the rows that are theirs', async () => {
    const report = await checkBreach({
      asked: query =>
        query.visible.kind === 'all' ? query : { ...query, visible: { kind: 'owner', columns: [], value: '' } },
    })
    expect(shown(report)).toContainEqual(of('parts_delivery', 'a page of an owner that has rows is empty'))
  })

  test('a next page that begins anew', async () => {
    const report = await checkBreach({ asked: query => ({ ...query, after: null }) })
    expect(shown(report)).toHaveLength(RELATIONS.length)
    expect(shown(report)).toContainEqual(of('part', 'a next page repeats rows'))
  })

  test('a next page that leaves rows out', async () => {
    const report = await checkBreach({
      rows: (relation, rows) => (relation.name === 'part' && rows.length === 6 ? rows.slice(1) : rows),
    })
    expect(shown(report)).toEqual([of('part', 'a next page leaves rows out')])
  })

  test('an order by the rules of a language', async () => {
    const report = await checkBreach({
      rows: (relation, rows) => (relation.name === 'part' ? rows.toReversed() : rows),
    })
    expect(shown(report)).toContainEqual(
      of('part', String.raw`a page is not in the order of \(part_number\), ascending`),
    )
  })

  test('a count that is less than what a page gives', async () => {
    const report = await checkBreach({ calls: { totals: async () => ({ rows: 3, sums: {}, asOf: AS_OF }) } })
    expect(shown(report)).toContainEqual(of('part', 'is counted at 3 rows, and its first page has 12'))
  })

  test('there is a test above for each check', () => {
    expect(PAGE_CHECKS.map(({ name }) => name)).toEqual([
      'keysAreUnique',
      'rowsStandInOrder',
      'keysFindTheirRows',
      'viewersSeeTheirRows',
      'nextPageGoesOn',
    ])
  })
})

describe('a system that does not do its part', () => {
  test('a mapping of wrong types is said column by column, and nothing more is read of that relation', async () => {
    const report = await checkBreach({
      calls: {
        inspect: async relations =>
          relations.map(({ name }) => ({
            relation: name,
            source: `memory.${name}`,
            lookupsOnly: false,
            problems:
              name === 'part' ? ['column active: expected boolean, found text', 'column base_unit: is missing'] : [],
          })),
      },
    })
    expect(shown(report)).toEqual([
      'parts-logistics part: column active: expected boolean, found text',
      'parts-logistics part: column base_unit: is missing',
    ])
    expect(report.relations[0]).toMatchObject({ mappingRight: false, rows: null, sample: null })
  })

  test('one that takes a write is told so, and its relations are looked at all the same', async () => {
    const report = await checkBreach({
      calls: { proveReadOnly: () => Promise.reject(new WriteAccepted('the database took an INSERT')) },
    })
    expect(shown(report)).toEqual([
      'parts-logistics: it is not shown that it can only be read: the database took an INSERT',
    ])
    expect(report).toMatchObject({ reachable: true, readOnly: null })
    expect(report.relations.every(({ sample }) => sample !== null)).toBe(true)
  })

  test('one that is away is told once, without the secrets of its address', async () => {
    const away = () =>
      Promise.reject(
        new Error('connect ECONNREFUSED', { cause: new Error('postgres://gateway:hunter2@db.example/parts') }),
      )
    const report = await checkBreach({
      calls: { proveReadOnly: away, freshness: away, inspect: away, totals: away, page: away, lookup: away },
    })
    expect(shown(report)).toHaveLength(1)
    expect(shown(report)[0]).toContain('connect ECONNREFUSED')
    expect(JSON.stringify(report)).not.toContain('hunter2')
    expect(report.reachable).toBe(false)
    expect(reportText({ systems: [report], services: [] })).toContain('DOES NOT ANSWER')
  })

  test('one that is away is told once where each of its mappings says so too', async () => {
    const report = await checkBreach({
      calls: {
        freshness: () => Promise.reject(new Error('no answer from the service')),
        inspect: async relations =>
          relations.map(({ name }) => ({
            relation: name,
            source: name,
            lookupsOnly: false,
            problems: ['no answer from the service'],
          })),
      },
    })
    expect(shown(report)).toEqual([
      'parts-logistics: it does not say as of when its data is: no answer from the service',
    ])
    expect(report.reachable).toBe(false)
    // Of mappings that could not be looked at it is not said that they are wrong.
    expect(report.relations.every(({ mappingRight }) => mappingRight === null)).toBe(true)
  })

  test('one that hangs keeps no other from being checked', async () => {
    const hung = createMemoryConnector({ calls: { proveReadOnly: () => new Promise(() => {}) } })
    const settings = { deadlineMs: 1_000, shield: shieldSchema().parse({}), connectors: [] }
    const { systems, services } = await checkConfiguration({
      config: {
        sites: 'nowhere.yaml',
        systems: { PARTS_LOGISTICS: settings, WHOLESALE_FINANCE: settings, PRODUCTION_SCHEDULE: settings },
      },
      systems: SYSTEM_KEYS,
      services: [{ service: 'journal', setting: 'recovery.journal', remedy: '', look: async () => 'there' }],
      open: async system => (system === 'PARTS_LOGISTICS' ? hung : createMemoryConnector()),
      deadlineMs: 200,
      loadingMs: 200,
      clock: { now: () => Date.parse('2025-10-08T06:00:00Z') },
      progress: () => {},
    })
    expect(systems.map(({ system, problems }) => [system, problems.length])).toEqual([
      ['PARTS_LOGISTICS', 1],
      ['WHOLESALE_FINANCE', 0],
      ['PRODUCTION_SCHEDULE', 0],
    ])
    expect(services).toEqual([{ service: 'journal', found: 'there', problems: [] }])
  })

  test('one that hangs is asked nothing more, and what it is asked ends at the deadline', async () => {
    let asked = 0
    const hang = () => {
      asked += 1
      return new Promise<never>(() => {})
    }
    const connector = createMemoryConnector({
      calls: { proveReadOnly: hang, freshness: hang, inspect: hang, close: hang },
    })
    const report = await check(connector, 20)
    expect(shown(report)).toEqual(['parts-logistics: it is not shown that it can only be read: no answer within 20 ms'])
    expect(asked).toBe(2)
  })

  test('one that cannot be opened gives each line of its file', async () => {
    const report = await check(Promise.reject(new ConfigError(['ca.pem: is not a PEM file', 'b: is missing'])))
    expect(shown(report)).toEqual(['parts-logistics: ca.pem: is not a PEM file', 'parts-logistics: b: is missing'])
    expect(report.reachable).toBe(false)
  })

  test('a relation that is looked up only is right, is asked for no page, and has a note that says so', async () => {
    const asked: string[] = []
    const unlisted = (relation: AnyRelation) => {
      asked.push(relation.name)
      return Promise.reject(new Error('it gives no list'))
    }
    const sound = createMemoryConnector()
    const report = await checkBreach({
      calls: {
        inspect: async (relations, signal) =>
          (await sound.inspect(relations, signal)).map(each => ({ ...each, lookupsOnly: each.relation === 'part' })),
        totals: (relation, signal) => (relation.name === 'part' ? unlisted(relation) : sound.totals(relation, signal)),
        page: (relation, query, signal) =>
          relation.name === 'part' ? unlisted(relation) : sound.page(relation, query, signal),
      },
    })
    expect(shown(report)).toEqual([])
    expect(asked).toEqual([])
    expect(report.relations[0]).toMatchObject({ mappingRight: true, rows: null, sample: null })
    expect(reportText({ systems: [report], services: [] })).toMatch(
      /\nNothing is wrong\.\n\n1 note:\n\nparts-logistics part: it is looked up by key only: .*\n$/,
    )
  })

  test('what the connector did not look at is a note and no problem', async () => {
    const sound = createMemoryConnector()
    const report = await checkBreach({
      calls: {
        inspect: async (relations, signal) =>
          (await sound.inspect(relations, signal)).map(each => ({ ...each, notes: ['nulls: not looked for'] })),
      },
    })
    expect(report.problems).toEqual([])
    expect(report.relations[0]?.notes).toEqual(['nulls: not looked for'])
    expect(reportText({ systems: [report], services: [] })).toContain('parts-logistics part: nulls: not looked for\n')
  })

  test('a first load is waited for longer than any other step, and told as it goes on', async () => {
    const report = await check(
      createMemoryConnector({
        calls: {
          async whenLoaded(_, progress) {
            progress('5 rows are loaded')
            await setTimeout(200)
          },
        },
      }),
      100,
      5_000,
    )
    expect(report.problems).toEqual([])
    expect(report.progress).toContain('parts-logistics: 5 rows are loaded\n')
  })

  test('a first load that goes on when the time is over is not called wrong, and nothing is asked meanwhile', async () => {
    const connector = createMemoryConnector({
      calls: {
        whenLoaded: () => new Promise(() => {}),
        freshness: () => Promise.reject(new Error('it is still being loaded')),
      },
    })
    const report = await check(connector, 5_000, 20)
    expect(report.problems).toEqual([
      {
        where: 'parts-logistics',
        what: 'its first data is still being loaded after 0.02 s, and nothing of it was checked',
        remedy: 'give --timeout more seconds',
      },
    ])
    const text = reportText({ systems: [report], services: [] })
    expect(text).toContain('Parts logistics (embedded-postgres)\n  STILL BEING LOADED\n')
    expect(text).not.toMatch(/WRONG|NOT/)
    expect(connector.isClosed()).toBe(true)
  })

  test('data from the future and a warning of the connector are problems', async () => {
    const report = await checkBreach({
      calls: { freshness: async () => '2025-10-08T07:00:00.000Z', warning: () => 'a newer drop is refused' },
    })
    expect(shown(report)).toEqual([
      'parts-logistics: its data is said to be as of 2025-10-08T07:00:00.000Z, which lies ahead',
      'parts-logistics: a newer drop is refused',
    ])
  })
})

describe('what stands beside the systems', () => {
  const service = { service: 'journal', setting: 'recovery.journal', remedy: 'run the SQL' }

  test('is shown with what was found', async () => {
    const report = await checkService({ ...service, look: async () => 'there' }, 1_000)
    expect(report).toEqual({ service: 'journal', found: 'there', problems: [] })
  })

  test('is a problem with its remedy where it fails, and where it hangs', async () => {
    const failed = await checkService({ ...service, look: () => Promise.reject(new Error('no table')) }, 1_000)
    expect(failed.problems).toEqual([{ where: 'recovery.journal', what: 'no table', remedy: 'run the SQL' }])
    const hung = await checkService({ ...service, look: () => new Promise(() => {}) }, 10)
    expect(hung.problems[0]?.what).toBe('no answer within 10 ms')
    const text = reportText({ systems: [], services: [failed, hung] })
    expect(text).toContain('2 problems:\n\nrecovery.journal: no table; run the SQL\n')
    expect(problemsIn({ systems: [], services: [failed, hung] })).toHaveLength(2)
  })

  test('a problem stays on one line and moves no cursor, whatever a server says', async () => {
    const report = await checkService({ ...service, look: () => Promise.reject(new Error('a\nb\u001b[2J')) }, 1_000)
    const [line = ''] = reportText({ systems: [], services: [report] })
      .split('\n')
      .slice(-2)
    expect(line).toBe('recovery.journal: a b\\u{1b}[2J; run the SQL')
  })
})

describe('the reason of a failure', () => {
  test.each([
    ['with its cause', new Error('outer', { cause: new Error('inner') }), 'outer: inner'],
    ['said once', new Error('fetch failed: refused', { cause: new Error('refused') }), 'fetch failed: refused'],
    ['at each address', new AggregateError([new Error('at ::1'), new Error('at 127.0.0.1')]), 'at ::1, at 127.0.0.1'],
    ['by its code', Object.assign(new Error(''), { code: 'ECONNRESET' }), 'ECONNRESET'],
    ['not as partners read it', new GatewayError('SYSTEM_UNAVAILABLE', 'x', { cause: new Error('why') }), 'why'],
    ['where there is none', new Error(''), 'it failed without a reason'],
  ])('is told %s', (_, thrown, reason) => {
    expect(reasonOf(thrown)).toBe(reason)
  })
})
