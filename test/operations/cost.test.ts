import { describe, expect, test } from '@jest/globals'
import { doublingFragments, planning, refusalOf, schemaOf } from './planning.ts'

/** The worked examples of the cost-directive specification (IBM), with field costs alone: weights of types and arguments are not counted. */
const cost = (schema: Parameters<typeof planning>[0]) => {
  const plan = planning(schema)
  return (source: string, variables: Readonly<Record<string, unknown>> = {}) => {
    const planned = plan(source)
    return planned.costOf(planned.coerceVariables(variables))
  }
}

const costOf = cost(
  schemaOf(`
    type Query {
      user: User
      users(max: Int = 10): [User!] @listSize(slicingArguments: ["max"])
      allUsers: [User!] @listSize(assumedSize: 10)
      someUsers: [User!]
      usersByName(names: [String!]!): [User!] @listSize(slicingArguments: ["names"])
      newest(first: Int, last: Int): [User!] @listSize(slicingArguments: ["first", "last"], assumedSize: 20)
      connected(first: Int! = 50): Connection @cost(weight: "5") @listSize(slicingArguments: ["first"], sizedFields: ["edges", "nodes"])
      search: [Found!] @listSize(assumedSize: 4)
    }
    type User {
      name: String
      friends(max: Int = 5): [User!] @listSize(slicingArguments: ["max"])
      book: Book
    }
    type Book { title: String  pages: Int @cost(weight: "2.5") }
    type Connection { edges: [Edge!]!  nodes: [User!]!  total: Book  pageInfo: PageInfo! }
    type Edge { node: User!  cursor: String }
    type PageInfo { hasNextPage: Boolean! }
    union Found = User | Book
  `),
)

describe('an operation costs', () => {
  test.each([
    ['nothing for scalars', '{ __typename }', 0],
    ['one for an object', '{ user { name } }', 1],
    ['one for each object below another', '{ user { book { title } } }', 2],
    ['the weight of a scalar that has one', '{ user { book { pages title } } }', 4.5],
    ['the assumed size times what stands below a list', '{ allUsers { book { title } } }', 1 + 10],
    ['nothing more for a list of scalars below', '{ allUsers { name } }', 1],
    ['one for a list of no known size', '{ someUsers { book { title } } }', 1 + 1],
    ['the size of a slice', '{ users(max: 3) { book { title } } }', 1 + 3],
    ['the default of a slice that is not given', '{ users { book { title } } }', 1 + 10],
    ['the length of a list of keys', '{ usersByName(names: ["a", "b", "c"]) { book { title } } }', 1 + 3],
    ['one for a single key', '{ usersByName(names: "a") { book { title } } }', 1 + 1],
    ['the greatest of several slices', '{ newest(first: 3, last: 7) { book { title } } }', 1 + 7],
    ['the assumed size where no slice is given', '{ newest { book { title } } }', 1 + 20],
    ['the product of nested lists', '{ users(max: 3) { friends(max: 4) { book { title } } } }', 1 + 3 * (1 + 4)],
    ['every alias', '{ a: user { name } b: user { name } }', 2],
    ['what is skipped as well: it may be asked for', '{ user @skip(if: true) { name } }', 1],
    [
      'what stands below a union, member by member',
      '{ search { ... on User { book { title } } ... on Book { pages } } }',
      1 + 4 * 3.5,
    ],
  ])('%s', (_what, source, expected) => expect(costOf(source)).toBe(expected))

  test("the size that a variable, its default or the argument's default gives", () => {
    const source = 'query ($n: Int) { users(max: $n) { book { title } } }'
    expect(costOf(source, { n: 3 })).toBe(1 + 3)
    expect(costOf(source)).toBe(1 + 10)
    expect(costOf('query ($n: Int = 7) { users(max: $n) { book { title } } }')).toBe(1 + 7)
    expect(costOf('query ($n: [String!]!) { usersByName(names: $n) { book { title } } }', { n: ['a', 'b'] })).toBe(
      1 + 2,
    )
  })

  test('the default of a slice also where its variable has the name of something every object has', () => {
    for (const name of ['toString', 'constructor', 'hasOwnProperty'])
      expect(costOf(`query ($${name}: Int) { users(max: $${name}) { book { title } } }`)).toBe(1 + 10)
  })
})

describe('a connection counts its size', () => {
  test('once for each sized field, and not for the fields beside them', () => {
    const edges = 10 * (1 + 1)
    expect(costOf('{ connected(first: 10) { edges { node { book { title } } } } }')).toBe(5 + 1 + edges)
    expect(costOf('{ connected(first: 10) { nodes { book { title } } } }')).toBe(5 + 1 + 10)
    expect(costOf('{ connected(first: 10) { total { pages } pageInfo { hasNextPage } } }')).toBe(5 + (1 + 2.5) + 1)
    expect(costOf('{ connected(first: 10) { edges { node { name } } nodes { book { title } } } }')).toBe(
      5 + (1 + 10) + (1 + 10),
    )
  })

  test('by its default', () => expect(costOf('{ connected { nodes { book { title } } } }')).toBe(5 + 1 + 50))

  test.each([
    ['a fragment', '{ connected(first: 10) { ...C } } fragment C on Connection { edges { node { name } } }'],
    ['nested inline fragments', '{ connected(first: 10) { ... { ... on Connection { edges { node { name } } } } } }'],
    [
      'a fragment in a fragment',
      '{ connected(first: 10) { ...C } } fragment C on Connection { ...D } fragment D on Connection { edges { ...E } } fragment E on Edge { node { name } }',
    ],
  ])('through %s', (_what, source) => expect(costOf(source)).toBe(5 + 1 + 10))

  test('each its own, where two share a fragment', () => {
    const source =
      '{ a: connected(first: 10) { ...C } b: connected(first: 100) { ...C } } fragment C on Connection { nodes { book { title } } }'
    expect(costOf(source)).toBe(5 + 1 + 10 + 5 + 1 + 100)
  })
})

test('fragments that double at every level cost a finite amount, found in a moment', () => {
  const started = performance.now()
  const total = costOf(`{ users(max: 200) { ...F0 } } ${doublingFragments(150, 'User', 'book { title }')}`)
  expect(performance.now() - started).toBeLessThan(3_000)
  expect(Number.isFinite(total)).toBe(true)
  expect(total).toBeGreaterThan(1e15)
})

describe('over the partner schema', () => {
  const partnerCost = cost(undefined)
  const list = (first: string, selection = 'pageInfo { hasNextPage }') =>
    `{ supplierInvoices(first: ${first}) { ${selection} } }`

  test.each(['1', '200'])('a page of %s is answered', first => expect(() => partnerCost(list(first))).not.toThrow())

  test.each(['0', '-1', '201', '100000', '2147483647'])(
    'a page of %s is refused by name, even if no edge is asked for',
    first => {
      for (const selection of ['edges { cursor }', 'pageInfo { hasNextPage }', '__typename'])
        expect(refusalOf(() => partnerCost(list(first, selection)))).toMatchObject({
          code: 'BAD_USER_INPUT',
          message: `Query.supplierInvoices(first:) takes 1 to 200; ${first} was given.`,
          details: { argument: 'Query.supplierInvoices(first:)', given: Number(first) },
        })
    },
  )

  test('a page is refused by a variable too, and where the field is skipped or stands in a fragment', () => {
    const source =
      'query ($n: Int!) { ...F } fragment F on Query { supplierInvoices(first: $n) @skip(if: true) { __typename } }'
    expect(() => partnerCost(source, { n: 200 })).not.toThrow()
    expect(refusalOf(() => partnerCost(source, { n: 201 })).code).toBe('BAD_USER_INPUT')
  })

  const enquiry = 'query ($numbers: [PartNumber!]!) { partAvailability(partNumbers: $numbers) { requestedPartNumber } }'
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => `P${index}`)

  test("500 part numbers are answered, none and 501 refused by the argument's name", () => {
    expect(() => partnerCost(enquiry, { numbers: numbers(500) })).not.toThrow()
    for (const count of [0, 501])
      expect(refusalOf(() => partnerCost(enquiry, { numbers: numbers(count) }))).toMatchObject({
        code: 'BAD_USER_INPUT',
        message: `Query.partAvailability(partNumbers:) takes 1 to 500 values; ${count} were given.`,
      })
    const literal = JSON.stringify(numbers(501))
    expect(
      refusalOf(() => partnerCost(`{ partAvailability(partNumbers: ${literal}) { requestedPartNumber } }`)).code,
    ).toBe('BAD_USER_INPUT')
  })

  test('a page of invoices with their lines costs by their number', () => {
    const asked = (first: number) => partnerCost(list(String(first), 'edges { node { lines { partNumber } } }'))
    expect(asked(200) - asked(100)).toBe(asked(100) - 5 - 1)
  })
})
