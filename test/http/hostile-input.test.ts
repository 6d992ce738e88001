import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
} from 'graphql'
import { loadSchema } from '../../src/graphql/schema.ts'
import { SCHEMA_DIRECTORY } from '../../src/partner-api.ts'
import { ALL_SCOPES, type DeclaredGateway, startGateway } from '../support/gateway.ts'

/**
 * A partner who is let in and means harm: it learns nothing of the schema but what it may ask, gets back nothing that it
 * sent, and no answer that a browser could be made to misuse.
 */
const CLIENT = 'sample-retailer'
const SCOPES = ALL_SCOPES.filter(scope => scope !== 'schema:read')

let gateway: DeclaredGateway
let schema: GraphQLSchema
let authorization: string
beforeAll(async () => {
  const settings = { limits: { costPerMinute: 1_000_000_000 }, admission: { refusedDocumentCost: 0, loopDelayMs: 0 } }
  gateway = await startGateway({ settings })
  schema = await loadSchema(SCHEMA_DIRECTORY)
  authorization = `Bearer ${await gateway.issuer.sign({ clientId: CLIENT, scopes: SCOPES, lifetimeSeconds: 3_600 })}`
})
afterAll(() => gateway.close())

const ask = (query: string, more: object = {}) => gateway.ask(CLIENT, { query, ...more }, SCOPES)

interface Sent {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS' | 'HEAD'
  readonly url?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly payload?: string
}

/** A well-formed question, but for what is said. */
async function send({ method = 'POST', url = '/graphql', headers = {}, payload }: Sent = {}) {
  const answer = await gateway.app.partners.inject({
    method,
    url,
    headers: { host: 'gateway.test', authorization, 'content-type': 'application/json', ...headers },
    ...(method === 'POST' && { payload: payload ?? '{"query":"{ __typename }"}' }),
  })
  return { status: answer.statusCode, headers: answer.headers, text: answer.payload }
}

describe('the schema, to who may not read it', () => {
  test.each([
    ['by itself', '{ __schema { queryType { name } } }', {}],
    ['under another name', '{ viewer: __schema { types { name } } }', {}],
    ['of one type', '{ __type(name: "Query") { fields { name } } }', {}],
    ['in a fragment', '{ ...F } fragment F on Query { __type(name: "Part") { name } }', {}],
    ['in fragments within fragments', '{ ... { ... on Query { ... { __schema { directives { name } } } } } }', {}],
    ['beside what may be asked', '{ viewer { scopes } __schema { types { name } } }', {}],
    [
      'by a variable',
      'query Q($name: String!, $is: Boolean!) { __type(name: $name) @include(if: $is) { name } }',
      { variables: { name: 'Part', is: true } },
    ],
    ['hidden by a condition', '{ __schema @skip(if: true) { queryType { name } } }', {}],
    [
      'in the second operation',
      'query A { viewer { scopes } } query B { __schema { queryType { name } } }',
      { operationName: 'B' },
    ],
    [
      'by the name of the usual tool',
      'query IntrospectionQuery { __schema { types { kind name } } }',
      { operationName: 'IntrospectionQuery' },
    ],
  ])('is not introspected: %s', async (_, query, more) => {
    const { status, body } = await ask(query, more)
    expect([status, body.errors[0].extensions.code]).toEqual([403, 'FORBIDDEN'])
    expect(body.data ?? null).toBeNull()
  })

  test.each([
    ['mutation', 'mutation { __schema { queryType { name } } }'],
    ['subscription', 'subscription { __schema { queryType { name } } }'],
    ['on a type below', '{ viewer { __schema { queryType { name } } } }'],
    ['of a service', '{ _service { sdl } }'],
    ['of entities', '{ _entities(representations: []) { __typename } }'],
  ])('is not there under another root: %s', async (_, query) => {
    const { status, text } = await ask(query)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
    expect(text).not.toContain('"data":{')
  })

  test('is told by __typename for what was asked, and by nothing else', async () => {
    const { body } = await ask('{ __typename viewer { __typename partner { __typename } } }')
    expect(body).toEqual({
      data: { __typename: 'Query', viewer: { __typename: 'Viewer', partner: { __typename: 'Partner' } } },
    })
  })

  test('is named in no answer to thousands of guesses: only words that were in the document come back', async () => {
    const names = namesOf(schema)
    const leaks = new Set<string>()
    let refused = 0
    for (const query of guesses(schema)) {
      const { status, text } = await ask(query)
      expect(status).toBeLessThan(500)
      if (status >= 400) refused += 1
      for (const word of new Set(text.match(/\w+/g)))
        if (names.has(word) && !query.includes(word)) leaks.add(`${word} to ${query}`)
    }
    expect([...leaks].slice(0, 10)).toEqual([])
    // They were guesses, and wrong ones.
    expect(refused).toBeGreaterThan(500)
  })
})

/** Names of the schema, but those that are words of errors or of GraphQL itself. */
function namesOf(schema: GraphQLSchema): ReadonlySet<string> {
  const all = Object.values(schema.getTypeMap()).flatMap(type => [type.name, ...membersOf(type)])
  return new Set(all.filter(name => !name.startsWith('__') && /[a-z][A-Z]|_/.test(name)))
}

function membersOf(type: GraphQLNamedType): readonly string[] {
  if (isObjectType(type) || isInterfaceType(type))
    return Object.values(type.getFields()).flatMap(field => [field.name, ...field.args.map(argument => argument.name)])
  if (isInputObjectType(type)) return Object.keys(type.getFields())
  return isEnumType(type) ? type.getValues().map(value => value.name) : []
}

/** A guess next to each name there is, in each place where it could stand, as suggestions are made of. */
function guesses(schema: GraphQLSchema): readonly string[] {
  const near = (name: string) => `${name.slice(0, -1)}${name.endsWith('q') ? 'z' : 'q'}`
  const roots = Object.values(schema.getQueryType()?.getFields() ?? {})
  return Object.values(schema.getTypeMap())
    .filter(type => !type.name.startsWith('__'))
    .flatMap(type => {
      const ofType = [
        `{ ...F } fragment F on ${near(type.name)} { x }`,
        `query ($v: ${near(type.name)}) { viewer { scopes } }`,
      ]
      if (isEnumType(type))
        return [...ofType, ...type.getValues().map(({ name }) => `{ restoredSystem(key: ${near(name)}) { id } }`)]
      if (isInputObjectType(type))
        return [
          ...ofType,
          ...Object.keys(type.getFields()).flatMap(name =>
            roots
              .filter(({ args }) => args.some(({ name }) => name === 'filter'))
              .map(root => `{ ${root.name}(first: 1, filter: { ${near(name)}: "1" }) { pageInfo { hasNextPage } } }`),
          ),
        ]
      if (!isObjectType(type)) return ofType
      return [
        ...ofType,
        ...Object.values(type.getFields()).flatMap(field => [
          `{ ...F } fragment F on ${type.name} { ${near(field.name)} }`,
          `{ ${near(field.name)} }`,
          `{ ...F } fragment F on ${type.name} { ${field.name} { ${field.name} } }`,
          ...field.args.map(({ name }) => `{ ...F } fragment F on ${type.name} { ${field.name}(${near(name)}: 1) }`),
          ...(field.args.some(isRequiredArgument) ? [`{ ...F } fragment F on ${type.name} { ${field.name} }`] : []),
        ]),
      ]
    })
}

const MARK = 'Zx9canaryQ7'

describe('what a client sends', () => {
  const document = (query: string, more: object = {}) => ({ payload: JSON.stringify({ query, ...more }) })
  test.each<readonly [where: string, sent: Sent]>([
    ['a path', { url: `/${MARK}`, method: 'GET' }],
    ['a path below', { url: `/graphql/${MARK}`, method: 'GET' }],
    ['a malformed path', { url: `/%zz${MARK}`, method: 'GET' }],
    ['a parameter', { url: `/graphql?${MARK}=1&query=%7B__typename%7D`, method: 'GET' }],
    ['a parameter that is no JSON', { url: `/graphql?query=%7B__typename%7D&variables=${MARK}`, method: 'GET' }],
    ['a header', { headers: { 'x-any': MARK } }],
    ['a request id of its own', { headers: { 'x-request-id': MARK } }],
    ['a trace id of its own', { headers: { traceparent: `00-${MARK}-1-01`, tracestate: MARK, baggage: MARK } }],
    ['a cookie', { headers: { cookie: `session=${MARK}` } }],
    ['an origin', { headers: { origin: `https://${MARK}.example` } }],
    ['where it came from', { headers: { referer: `https://${MARK}.example/`, 'user-agent': MARK } }],
    ['a proxy', { headers: { 'x-forwarded-host': MARK, 'x-forwarded-for': MARK, forwarded: `host=${MARK}` } }],
    ['the media type of the body', { headers: { 'content-type': `text/${MARK}` } }],
    ['the charset of the body', { headers: { 'content-type': `application/json; charset=${MARK}` } }],
    ['the media type that it wants', { headers: { accept: `text/${MARK}` } }],
    ['a language', { headers: { 'accept-language': MARK } }],
    ['a coding', { headers: { 'content-encoding': MARK } }],
    ['an expectation', { headers: { expect: MARK } }],
    ['a token', { headers: { authorization: `Bearer ${MARK}` } }],
    ['a scheme', { headers: { authorization: `${MARK} x` } }],
    ['a proof', { headers: { dpop: MARK } }],
    ['a tag', { headers: { 'if-none-match': `"${MARK}"` } }],
    ['a body that is no JSON', { payload: `{"${MARK}` }],
    ['a member of the body', document('{ __typename }', { [MARK]: MARK })],
    ['an extension', document('{ __typename }', { extensions: { [MARK]: MARK } })],
    [
      'a persisted document',
      document('{ __typename }', { extensions: { persistedQuery: { version: 1, sha256Hash: MARK } } }),
    ],
    ['the name of an operation', document(`query ${MARK} { __typename }`, { operationName: MARK })],
    ['the name of none', document('query A { __typename } query B { __typename }', { operationName: MARK })],
    ['a comment', document(`# ${MARK}\n{ __typename }`)],
    ['a text in a document', document(`{ part(partNumber: "${MARK}") { partNumber } }`)],
    [
      'a text that is no cursor',
      document(`{ partsOrderLines(first: 1, after: "${MARK}") { pageInfo { hasNextPage } } }`),
    ],
    [
      'a variable',
      document('query Q($n: PartNumber!) { part(partNumber: $n) { partNumber } }', { variables: { n: MARK } }),
    ],
    [
      'a variable of another type',
      document('query Q($k: SystemKey!) { restoredSystem(key: $k) { id } }', { variables: { k: MARK } }),
    ],
    ['a variable that nobody named', document('{ __typename }', { variables: { [MARK]: MARK } })],
  ])('does not come back: %s', async (_, sent) => {
    const { headers, text } = await send(sent)
    expect(text.toLowerCase()).not.toContain(MARK.toLowerCase())
    expect(JSON.stringify(headers).toLowerCase()).not.toContain(MARK.toLowerCase())
  })
})

describe('every answer', () => {
  test.each<readonly [what: string, status: number, sent: Sent]>([
    ['an answer', 200, {}],
    ['a known answer', 200, {}],
    ['to GET', 200, { method: 'GET', url: '/graphql?query=%7B__typename%7D' }],
    ['nobody', 401, { headers: { authorization: 'Bearer no' } }],
    ['forbidden', 403, { payload: '{"query":"{ __schema { queryType { name } } }"}' }],
    ['not found', 404, { method: 'GET', url: '/nowhere' }],
    ['not allowed', 405, { method: 'DELETE' }],
    [
      'preflight',
      405,
      { method: 'OPTIONS', headers: { origin: 'https://other.example', 'access-control-request-method': 'POST' } },
    ],
    ['not acceptable', 406, { headers: { accept: 'text/html' } }],
    ['no JSON', 400, { payload: '<html>' }],
    ['no document', 400, { payload: '{"query":"{"}' }],
    ['too large', 413, { payload: `{"query":"${'x'.repeat(300_000)}"}` }],
    ['another media type', 415, { headers: { 'content-type': 'text/plain' } }],
    ['a form', 415, { headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
    ['another charset', 415, { headers: { 'content-type': 'application/json; charset=utf-16' } }],
    ['a malformed URL', 400, { method: 'GET', url: '/%zz' }],
  ])(
    'is JSON that is not guessed at, with its id, for no cache of others and no page of others: %s',
    async (_, status, sent) => {
      const answer = await send(sent)
      expect(answer.status).toBe(status)
      expect(answer.headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'strict-transport-security': expect.stringMatching(/^max-age=\d{7,}/),
      })
      expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
      expect(answer.headers['content-type']).toMatch(/^application\/(graphql-response\+)?json; charset=utf-8$/)
      expect(String(answer.headers['cache-control'])).toMatch(/^(no-store|private\b)/)
      for (const name of Object.keys(answer.headers))
        expect(name).not.toMatch(/^(access-control-|server$|x-powered-by$|set-cookie$)/)
    },
  )
})
