import { describe, expect, test } from '@jest/globals'
import { getIntrospectionQuery, parse, print } from 'graphql'
import { doublingFragments, plannerOf, planning, problemsOf, refusalOf, schemaOf } from './planning.ts'

const planOf = planning()
const OPEN = '@partition @requiresScopes(scopes: [["x"]])'
const SEVERAL = `
  query Parts { part(partNumber: "A1") { ...P } }
  query Money($first: Int! = 10) { supplierInvoices(first: $first) { edges { node { grossAmount { amount } } } } }
  query Status { restartStatus { headline } }
  fragment P on Part { description }
`

describe('a plan', () => {
  test('the systems under a root field are those of all below it, by its key in the answer, in fragments or not', () => {
    const schema = schemaOf(`
    type Query { part: Part @source(system: PARTS_LOGISTICS) ${OPEN} plain: String own: Part }
    type Part { name: String line: Line @source(system: PRODUCTION_SCHEDULE) ${OPEN} }
    type Line { name: String owed: Int @source(system: WHOLESALE_FINANCE) ${OPEN} part: Part }
  `)
    const source = `
    { bare: part { name } ...Root own { ...Below } again: part { ...Below } plain }
    fragment Root on Query { part { name } ... on Query { part { ...Below } } both: own { ...Below line { owed } } }
    fragment Below on Part { line { name } }
  `
    const { systems, systemsUnder } = plannerOf(schema).planFor({
      source,
      document: parse(source),
      operationName: undefined,
    })
    const found = Object.fromEntries([...systemsUnder].map(([key, under]) => [key, [...under].toSorted()]))
    expect(found).toEqual({
      bare: ['PARTS_LOGISTICS'],
      part: ['PARTS_LOGISTICS', 'PRODUCTION_SCHEDULE'],
      own: ['PRODUCTION_SCHEDULE'],
      both: ['PRODUCTION_SCHEDULE', 'WHOLESALE_FINANCE'],
      again: ['PARTS_LOGISTICS', 'PRODUCTION_SCHEDULE'],
      plain: [],
    })
    expect(systems).toEqual(new Set(Object.values(found).flat()))
  })

  test('says what the operation needs and depends on', () => {
    const plan = planOf(
      '{ partAvailability(partNumbers: ["A1"], shipToBpns: "BPNS00000000RT01") { lines { quantityOnHand { value } } } }',
    )
    expect(plan.guarded.map(({ coordinate }) => coordinate)).toEqual(['Query.partAvailability'])
    expect([...plan.systems]).toEqual(['PARTS_LOGISTICS'])
    expect([...plan.partition].toSorted()).toEqual(['PARTNER', 'ROLE', 'SITES'])
    expect(plan.maxAgeSeconds).toBe(30)
  })

  test('depends on what an argument adds only where it is given', () => {
    const plan = planOf('{ partAvailability(partNumbers: ["A1"]) { requestedPartNumber } }')
    expect([...plan.partition]).toEqual(['SITES'])
  })

  test('is as fresh as its least fresh field, and unknown where no field says', () => {
    expect(planOf('{ part(partNumber: "A1") { description } restartStatus { headline } }').maxAgeSeconds).toBe(5)
    expect(planOf('{ viewer { scopes } part(partNumber: "A1") { description } }').maxAgeSeconds).toBe(0)
    expect(planOf('{ __typename }').maxAgeSeconds).toBeNull()
  })

  test('counts what a fragment asks for, skipped or not', () => {
    const plan = planOf(
      'query ($x: Boolean!) { ...F } fragment F on Query { ... @skip(if: $x) { vehicleBuild(vin: "SALVA2AE4EH877322") { id } } }',
    )
    expect([...plan.systems]).toEqual(['PRODUCTION_SCHEDULE'])
    expect(plan.guarded.map(({ coordinate }) => coordinate)).toEqual(['Query.vehicleBuild'])
  })

  test('is made once for a document and operation name', () => {
    const planner = plannerOf()
    const document = parse(SEVERAL)
    expect(planner.planFor({ source: SEVERAL, document, operationName: 'Parts' })).toBe(
      planner.planFor({ source: SEVERAL, document, operationName: 'Parts' }),
    )
  })
})

describe('of a document with several operations', () => {
  const planner = plannerOf()
  const plan = (name?: string) => planner.planFor({ source: SEVERAL, document: parse(SEVERAL), operationName: name })

  test.each([
    [
      'Parts',
      ['PARTS_LOGISTICS'],
      ['Query.part'],
      'query Parts {\n  part(partNumber: "A1") {\n    ...P\n  }\n}\n\nfragment P on Part {\n  description\n}',
    ],
    ['Status', [], ['Query.restartStatus'], 'query Status {\n  restartStatus {\n    headline\n  }\n}'],
  ])('the plan of %s analyses and executes exactly that one', (name, systems, guarded, text) => {
    const { systems: read, guarded: fields, document, operationName } = plan(name)
    expect([...read]).toEqual(systems)
    expect(fields.map(({ coordinate }) => coordinate)).toEqual(guarded)
    expect(print(document)).toBe(text)
    expect(operationName).toBe(name)
  })

  test('each has a key of its own, another than the same text without a name', () => {
    const alone = 'query Parts { part(partNumber: "A1") { description } }'
    const keys = [
      ...['Parts', 'Money', 'Status'].map(name => plan(name).key),
      planOf(alone).key,
      planOf(alone, 'Parts').key,
    ]
    expect(new Set(keys).size).toBe(keys.length)
  })

  test('one must be named, and be there', () => {
    expect(refusalOf(() => plan())).toMatchObject({ code: 'OPERATION_RESOLUTION_FAILURE', httpStatus: 400 })
    expect(refusalOf(() => plan('Nothing')).code).toBe('OPERATION_RESOLUTION_FAILURE')
    expect(refusalOf(() => plan('__proto__')).code).toBe('OPERATION_RESOLUTION_FAILURE')
  })
})

describe('a subscription', () => {
  const planner = plannerOf()
  const EVENTS = 'subscription { restoredSystemChanged { key suspension { cause } answersViewer } }'
  const plan = (source: string, kind: 'query' | 'subscription', name?: string) =>
    planner.planFor({ source, document: parse(source), operationName: name }, kind)

  test('has a plan as any operation has, where events are streamed', () => {
    const { guarded, systems, partition, fields, ...planned } = plan(EVENTS, 'subscription')
    expect(guarded.map(({ coordinate }) => coordinate)).toEqual([
      'Subscription.restoredSystemChanged',
      'RestoredSystem.suspension',
    ])
    expect([[...systems], [...partition].toSorted(), fields]).toEqual([[], ['PARTNER', 'ROLE', 'WAVE'], 5])
    expect(planned.costOf(planned.coerceVariables({}))).toBe(2)
  })

  test('is refused where queries are answered, and a query where events are streamed', () => {
    const query = '{ restartStatus { headline } }'
    for (const refused of [() => plan(EVENTS, 'query'), () => plan(query, 'subscription'), () => planOf(EVENTS)])
      expect(refusalOf(refused)).toMatchObject({ code: 'OPERATION_RESOLUTION_FAILURE', httpStatus: 400 })
    // Also when the other place has planned the same text before.
    plan(EVENTS, 'subscription')
    expect(refusalOf(() => plan(EVENTS, 'query')).code).toBe('OPERATION_RESOLUTION_FAILURE')
  })

  test('may stand beside a query that is asked', () => {
    const both = `query Q { viewer { scopes } } ${EVENTS.replace('subscription', 'subscription S')}`
    expect(plan(both, 'query', 'Q').operationName).toBe('Q')
    expect(plan(both, 'subscription', 'S').operationName).toBe('S')
    expect(refusalOf(() => plan(both, 'query', 'S')).code).toBe('OPERATION_RESOLUTION_FAILURE')
  })

  test.each([
    'subscription { restoredSystemChanged @skip(if: true) { key } }',
    'subscription ($v: Boolean!) { restoredSystemChanged @include(if: $v) { key } }',
    'subscription ($v: Boolean!) { ... @skip(if: $v) { restoredSystemChanged { key } } }',
    'subscription ($v: Boolean!) { ...F @include(if: $v) } fragment F on Subscription { restoredSystemChanged { key } }',
    'subscription ($v: Boolean!) { ...F } fragment F on Subscription { ...F restoredSystemChanged @skip(if: $v) { key } }',
  ])('follows one field, whatever its variables say: %s', source =>
    expect(refusalOf(() => plan(source, 'subscription')).code).toBe('GRAPHQL_VALIDATION_FAILED'),
  )

  test('may have conditions on what its events show', () => {
    const source =
      'subscription ($v: Boolean!) { ...F } fragment F on Subscription { restoredSystemChanged { key name @skip(if: $v) } }'
    expect(plan(source, 'subscription').isConditional).toBe(true)
  })

  test('follows one field, and no introspection', () => {
    for (const source of [
      'subscription { a: restoredSystemChanged { key } b: restoredSystemChanged { key } }',
      'subscription { __typename }',
    ])
      expect(refusalOf(() => plan(source, 'subscription')).code).toBe('GRAPHQL_VALIDATION_FAILED')
  })
})

describe('a document that is refused', () => {
  test.each(['mutation { a }', 'subscription { a }', 'subscription { restartStatus { headline } }'])(
    'is one that asks for what this API does not have: %s',
    source =>
      expect(['OPERATION_RESOLUTION_FAILURE', 'GRAPHQL_VALIDATION_FAILED']).toContain(
        refusalOf(() => planOf(source)).code,
      ),
  )

  test('is told every problem', () => {
    const refusal = refusalOf(() => planOf('{ nothing part { description(a: 1) } viewer { partner { bpnl { x } } } }'))
    expect(refusal.code).toBe('GRAPHQL_VALIDATION_FAILED')
    expect(problemsOf(refusal)).toEqual([
      'Cannot query field "nothing" on type "Query".',
      'Unknown argument "a" on field "Part.description".',
      'Field "part" argument "partNumber" of type "PartNumber!" is required, but it was not provided.',
      'Field "bpnl" must not have a selection since type "BPNL!" has no subfields.',
    ])
  })

  test('cannot buy a long answer', () => {
    const source = `{ ${Array.from({ length: 19 }, (_, index) => `nothing${index}`).join(' ')} }`
    expect(problemsOf(refusalOf(() => planOf(source))).length).toBeLessThanOrEqual(11)
  })

  test.each([
    '{ viewe { scopes } }',
    '{ viewer { scope } }',
    '{ part(partNumbr: "A1") { description } }',
    '{ restoredSystem(key: PARTS_LOGISTIC) { name } }',
    '{ part(partNumber: "A1") { ... on Par { description } } }',
    '{ viewer @skp(if: true) { scopes } }',
    '{ supplierInvoices(filter: { statu: [PAID] }) { pageInfo { endCursor } } }',
  ])('is given no hint of what the schema has: %s', source => {
    const problems = problemsOf(refusalOf(() => planOf(source)))
    expect(problems.join(' ')).not.toMatch(/did you mean/i)
  })

  test('is one with fragments that hold each other, at once', () => {
    const source = '{ ...F } fragment F on Query { ...G } fragment G on Query { ...F viewer { scopes } }'
    expect(refusalOf(() => planOf(source)).code).toBe('GRAPHQL_VALIDATION_FAILED')
  })
})

test('a document whose fragments double at every level is planned in a moment', () => {
  const started = performance.now()
  const source = `{ supplierInvoices { edges { node { ...F0 } } } } ${doublingFragments(120, 'SupplierInvoice', 'lines { partNumber }')}`
  const plan = planOf(source)
  expect(Number.isFinite(plan.costOf(plan.coerceVariables({})))).toBe(true)
  expect(performance.now() - started).toBeLessThan(5_000)
})

test('a plan says how many fields its operation has with every fragment written out', () => {
  expect(
    planOf(
      '{ viewer { ...F partner { ...G } } } fragment F on Viewer { scopes partner { ...G } } fragment G on Partner { name }',
    ).fields,
  ).toBe(6)
})

test('introspection costs by its lists, so that aliases cannot multiply it for nothing', () => {
  const costOf = (source: string) => planOf(source).costOf({})
  const many = (field: string) => Array.from({ length: 20 }, (_, at) => `a${at}: ${field}`).join(' ')
  expect(costOf(getIntrospectionQuery())).toBeLessThan(5_000)
  expect(
    costOf(
      `{ __schema { types { ${many('fields { type { ...T } }')} } } } fragment T on __Type { ${many('fields { type { name } }')} }`,
    ),
  ).toBeGreaterThan(20_000)
})

describe('variables', () => {
  test('are not named __proto__: an engine would drop the value without a word', () => {
    for (const source of [
      'query ($__proto__: SupplierInvoiceFilter) { supplierInvoices(filter: $__proto__) { __typename } }',
      'query ($__proto__: Int! = 1000) { supplierInvoices(first: $__proto__) { __typename } }',
    ])
      expect(refusalOf(() => planOf(source)).code).toBe('GRAPHQL_VALIDATION_FAILED')
  })

  test('are coerced, with their defaults', () => {
    const plan = planOf(
      'query ($first: Int! = 10, $since: DateTime, $none: String) { supplierInvoices(first: $first, after: $none, filter: { updatedSince: $since }) { __typename } }',
    )
    expect(plan.coerceVariables({ since: '2025-10-07T10:00:00+02:00', unknown: 1 })).toEqual({
      first: 10,
      since: '2025-10-07T08:00:00.000Z',
    })
    expect(plan.coerceVariables(undefined)).toEqual({ first: 10 })
  })

  const enquiry = planOf(
    'query ($numbers: [PartNumber!]!, $site: BPNS) { partAvailability(partNumbers: $numbers, shipToBpns: $site) { requestedPartNumber } }',
  )
  const listing = planOf(
    'query ($first: Int!, $filter: SupplierInvoiceFilter) { supplierInvoices(first: $first, filter: $filter) { __typename } }',
  )
  const problems = (plan: typeof enquiry, raw: Readonly<Record<string, unknown>>) => {
    const refusal = refusalOf(() => plan.coerceVariables(raw))
    expect(refusal.code).toBe('BAD_USER_INPUT')
    expect(refusal.message).toBe(problemsOf(refusal)[0])
    return problemsOf(refusal)
  }

  test('that are wrong are refused with the place and reason of every problem', () => {
    expect(problems(enquiry, { numbers: ['A1', 'a 2', 7], site: 'x' })).toEqual([
      expect.stringMatching(
        /^Variable "\$numbers\[1\]": PartNumber must be a string: .*; got "a 2"\. Write it in upper case\.$/,
      ),
      expect.stringMatching(
        /^Variable "\$numbers\[2\]": PartNumber must be a string: .*; got a value of type number\.$/,
      ),
      expect.stringMatching(/^Variable "\$site": BPNS must be a string: .*; got "x"\.$/),
    ])
    expect(problems(listing, { first: 'ten', filter: { status: ['PAYED'], colour: 1 } })).toEqual([
      'Variable "$first": Int cannot represent non-integer value: "ten"',
      'Variable "$filter.status[0]": Value "PAYED" does not exist in "InvoiceStatus" enum.',
      'Variable "$filter": Field "colour" is not defined by type "SupplierInvoiceFilter".',
    ])
    expect(problems(listing, {})).toEqual(['Variable "$first" of required type "Int!" was not provided.'])
  })

  test.each<[string, typeof enquiry, (long: string) => Readonly<Record<string, unknown>>]>([
    ['a scalar of the gateway', enquiry, long => ({ numbers: [long] })],
    ['a scalar of the language', listing, long => ({ first: long })],
    ['a scalar given an object', listing, long => ({ first: { [long]: { [long]: long } } })],
    ['a scalar given a list', listing, long => ({ first: [long, long] })],
    ['an enum', listing, long => ({ first: 1, filter: { status: [long] } })],
    ['an enum given an object', listing, long => ({ first: 1, filter: { status: [{ a: long }] } })],
    ['a field that is none', listing, long => ({ first: 1, filter: { [long]: 1 } })],
    ['an object', listing, long => ({ first: 1, filter: long })],
  ])('repeat at most 40 characters of what a client sent for %s', (_what, plan, variables) => {
    for (const filler of ['x', '"x', 'x at "first.y', 'é\\'])
      for (const message of problems(plan, variables(filler.repeat(1_000)))) expect(message.length).toBeLessThan(260)
    expect(problems(plan, variables('secret-'.repeat(50))).join()).not.toContain('secret-'.repeat(7))
  })

  test('too wrong to tell everything are refused without a long answer', () => {
    const numbers = Array.from({ length: 500 }, () => 'a')
    expect(problems(enquiry, { numbers }).length).toBeLessThanOrEqual(11)
  })

  test.each([
    ['an argument with a default', 'query ($n: Int) { supplierInvoices(first: $n) { __typename } }', { n: null }],
    ['a directive', 'query ($n: Boolean = true) { viewer @include(if: $n) { scopes } }', { n: null }],
    [
      'an entry of a list',
      'query ($n: PartNumber = "A1") { partAvailability(partNumbers: [$n]) { requestedPartNumber } }',
      { n: null },
    ],
  ])('that are null where null may not stand are refused before anything runs: %s', (_what, source, raw) => {
    const plan = planOf(source)
    expect(problems(plan, raw)).toEqual(['Variable "$n" must not be null where it is used.'])
    expect(() => plan.coerceVariables({})).not.toThrow()
  })

  test('that are null where null may stand are null', () => {
    const plan = planOf(
      'query ($site: BPNS) { partAvailability(partNumbers: ["A1"], shipToBpns: $site) { requestedPartNumber } }',
    )
    expect(plan.coerceVariables({ site: null })).toEqual({ site: null })
  })
})
