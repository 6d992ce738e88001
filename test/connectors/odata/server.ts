import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { createEngine } from './engine.ts'
import { type Engine, edmx, INDEX, sortable } from './engine-parts.ts'
import type { Served, ServedFunction, ServedProperty, ServedSet, ServedValue } from './served.ts'

/**
 * OData services over HTTP in front of the engine. It reads the literals of its version strictly, writes values in their
 * wire formats, cuts answers into pages with next links (the engine cannot), and calls functions (nor that).
 */
export interface ODataServer {
  readonly url: string
  /** Path and query of every request, decoded. */
  readonly requests: string[]
  /** Puts other data into a service, in one step. */
  replace(service: string, served: Served): Promise<void>
  close(): Promise<void>
}

export interface ServerOptions {
  readonly version: 'V2' | 'V4'
  /** By path. */
  readonly services: Readonly<Record<string, Served>>
  /** Most entities of one answer. */
  readonly pageLimit: number
  /** Left out: the engine that is not ours. */
  readonly createEngine?: typeof createEngine
  /** Whom it answers (RFC 7617); left out: everybody. */
  readonly basic?: { readonly user: string; readonly password: string }
}

interface Service {
  readonly served: Served
  readonly engine: Engine
}

class BadRequest extends Error {}

export async function startODataServer(options: ServerOptions): Promise<ODataServer> {
  const { version, services, pageLimit, basic } = options
  const running = new Map<string, Service>()
  const requests: string[] = []

  async function replace(name: string, served: Served): Promise<void> {
    // The one that is not ours takes a while to load.
    const create = options.createEngine ?? (await import('./engine.ts')).createEngine
    running.set(name, { served, engine: await create(version, served) })
  }
  for (const [name, served] of Object.entries(services)) await replace(name, served)

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://service')
    requests.push(`${decodeURIComponent(pathname)}?${searchParams}`.replace(/\?$/, ''))
    if (basic && request.headers.authorization !== `Basic ${btoa(`${basic.user}:${basic.password}`)}`)
      return refuse(response, 401, 'Logon failed')
    if (request.method !== 'GET') return send(response, 405, 'text/plain', 'only GET')
    const [, serviceName = '', path = '', tail = ''] = decodeURIComponent(pathname).split(/\/(?![^(]*\))/)
    const service = running.get(serviceName)
    if (service === undefined) return refuse(response, 404, 'there is no such service')
    if (path === '$metadata') return send(response, 200, 'application/xml', metadataOf(version, service.served))
    const called = service.served.functions?.find(({ name }) => path === name || path.startsWith(`${name}(`))
    if (called !== undefined) return call(response, called, path, searchParams)
    const set = service.served.sets.find(({ name }) => name === path)
    if (set === undefined) return refuse(response, 404, `there is no entity set ${path}`)
    const query = new URLSearchParams()
    const filter = searchParams.get('$filter')
    if (filter !== null) query.set('$filter', translated(version, set, filter))
    for (const option of ['$orderby', '$top'])
      if (searchParams.has(option)) query.set(option, searchParams.get(option) ?? '')
    const select = searchParams.get('$select')
    if (select !== null) {
      const unknown = select.split(',').find(name => !Object.hasOwn(set.properties, name))
      if (unknown !== undefined) return refuse(response, 400, `Property ${unknown} not found in ${set.name}`)
      query.set('$select', `${select},${INDEX}`)
    }
    const text = [...query].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
    const { rows } = await service.engine.get(`${set.name}?${text}`)
    if (tail === '$count') return send(response, 200, 'text/plain', String(rows.length))
    const from = Number(searchParams.get('$skiptoken') ?? 0)
    const page = rows.slice(from, from + pageLimit).map(({ index, properties }) => wireRow(set, index, properties))
    searchParams.set('$skiptoken', String(from + pageLimit))
    const next = from + pageLimit < rows.length ? `${set.name}?${searchParams}` : null
    const body =
      version === 'V2'
        ? { d: { results: page, ...(next && { __next: `http://${request.headers.host}/${serviceName}/${next}` }) } }
        : { '@odata.context': '$metadata', value: page, ...(next && { '@odata.nextLink': next }) }
    return json(response, 200, body)
  }

  function wireRow(set: ServedSet, index: number, properties: readonly string[]): Readonly<Record<string, unknown>> {
    return Object.fromEntries(
      properties.map(name => [name, wire(version, set.properties[name], set.rows[index]?.[name] ?? null)]),
    )
  }

  function call(response: ServerResponse, called: ServedFunction, path: string, query: URLSearchParams): void {
    const inner = /\((.*)\)$/.exec(path)?.[1] ?? ''
    const pairs = version === 'V2' ? [...query] : inner.split(/,(?=\w+=)/).map(pair => pair.split(/=(.*)/s))
    const given = Object.fromEntries(
      pairs
        .filter(([name]) => Object.hasOwn(called.parameters, name ?? ''))
        .map(([name = '', literal = '']) => [
          name,
          String(valueOfLiteral(version, called.parameters[name]?.type ?? '', literal)),
        ]),
    )
    const result = called.call(given)
    if ('error' in result && 'status' in result) {
      refuse(response, Number(result.status), 'no such row', String(result.error))
      return
    }
    const row = Object.fromEntries(
      Object.entries(called.result).map(([name, property]) => [
        name,
        wire(version, property, (result as Record<string, ServedValue>)[name] ?? null),
      ]),
    )
    json(response, 200, version === 'V2' ? { d: { [called.name]: row } } : row)
  }

  function refuse(response: ServerResponse, status: number, text: string, code = 'TEST/000'): void {
    const message = version === 'V2' ? { lang: 'en', value: text } : text
    json(response, status, { error: { code, message } })
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((thrown: unknown) => {
      if (thrown instanceof BadRequest) refuse(response, 400, thrown.message)
      else refuse(response, 500, String(thrown))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    replace,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const COMPARISON =
  /\b([A-Z]\w*) (eq|ne|gt|ge|lt|le) (datetimeoffset'[^']*'|datetime'[^']*'|guid'[^']*'|'(?:[^']|'')*'|[^\s()]+)/g

/** The filter in the engine's words: every literal as text that sorts as its value does. */
function translated(version: 'V2' | 'V4', set: ServedSet, filter: string): string {
  return filter.replace(COMPARISON, (_all, name: string, operator: string, literal: string) => {
    const type = set.properties[name]?.type
    if (type === undefined) throw new BadRequest(`Property ${name} not found in ${set.name}`)
    return `${name} ${operator} '${sortable(type, valueOfLiteral(version, type, literal))}'`
  })
}

const LITERALS: Readonly<Record<'V2' | 'V4', Readonly<Record<string, RegExp>>>> = {
  V2: {
    'Edm.String': /^'((?:[^']|'')*)'$/s,
    'Edm.Guid': /^guid'([0-9a-f-]{36})'$/,
    'Edm.Boolean': /^(true|false)$/,
    'Edm.Decimal': /^(-?\d+(?:\.\d+)?)[mM]$/,
    'Edm.Int64': /^(-?\d+)[lL]$/,
    'Edm.Int32': /^(-?\d+)$/,
    'Edm.DateTime': /^datetime'(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?)'$/,
    'Edm.DateTimeOffset': /^datetimeoffset'(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?Z)'$/,
  },
  V4: {
    'Edm.String': /^'((?:[^']|'')*)'$/s,
    'Edm.Guid': /^([0-9a-f-]{36})$/,
    'Edm.Boolean': /^(true|false)$/,
    'Edm.Decimal': /^(-?\d+(?:\.\d+)?)$/,
    'Edm.Int64': /^(-?\d+)$/,
    'Edm.Int32': /^(-?\d+)$/,
    'Edm.Date': /^(\d{4}-\d\d-\d\d)$/,
    'Edm.DateTimeOffset': /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,12})?Z)$/,
  },
}

function valueOfLiteral(version: 'V2' | 'V4', type: string, literal: string): ServedValue {
  const text = LITERALS[version][type]?.exec(literal)?.[1]
  if (text === undefined) throw new BadRequest(`Invalid literal ${literal} for ${type}`)
  if (type === 'Edm.String') return text.replaceAll("''", "'")
  return /Time/.test(type) ? new Date(text.endsWith('Z') ? text : `${text}Z`).toISOString() : text
}

function wire(version: 'V2' | 'V4', property: ServedProperty | undefined, value: ServedValue): unknown {
  if (value === null) return null
  switch (property?.type) {
    case 'Edm.Int32':
      return Number(value)
    case 'Edm.DateTime':
      return `/Date(${Date.parse(String(value))})/`
    case 'Edm.DateTimeOffset':
      return version === 'V2' ? `/Date(${Date.parse(String(value))}+0000)/` : value
    default:
      return value
  }
}

/** The description that clients read, with the true types. */
export function metadataOf(version: 'V2' | 'V4', { sets, functions = [] }: Served): string {
  const properties = (of: Readonly<Record<string, ServedProperty>>, element = 'Property') =>
    Object.entries(of).map(([name, { type, maxLength, precision, scale }]) => {
      const facets = Object.entries({ MaxLength: maxLength, Precision: precision, Scale: scale })
      const text = facets.flatMap(([facet, value]) => (value === undefined ? [] : [` ${facet}="${value}"`])).join('')
      return `<${element} Name="${name}" Type="${type}"${text}/>`
    })
  const types = sets.map(
    ({ name, key, properties: all }) =>
      `<EntityType Name="${name}Type"><Key>${key.map(field => `<PropertyRef Name="${field}"/>`).join('')}</Key>${properties(all).join('')}</EntityType>`,
  )
  const results = functions.map(
    ({ name, result }) => `<ComplexType Name="${name}Result">${properties(result).join('')}</ComplexType>`,
  )
  const declared = functions.map(({ name, parameters }) =>
    version === 'V2'
      ? `<FunctionImport Name="${name}" ReturnType="SAMPLE.${name}Result" m:HttpMethod="GET" xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata">${properties(parameters, 'Parameter').join('')}</FunctionImport>`
      : `<FunctionImport Name="${name}" Function="SAMPLE.${name}"/>`,
  )
  const bodies =
    version === 'V4'
      ? functions.map(
          ({ name, parameters }) =>
            `<Function Name="${name}">${properties(parameters, 'Parameter').join('')}<ReturnType Type="SAMPLE.${name}Result"/></Function>`,
        )
      : []
  const container = sets.map(({ name }) => `<EntitySet Name="${name}" EntityType="SAMPLE.${name}Type"/>`)
  return edmx(
    version,
    'SAMPLE',
    [
      ...types,
      ...results,
      ...bodies,
      '<EntityContainer Name="Container">',
      ...container,
      ...declared,
      '</EntityContainer>',
    ].join(''),
  )
}

function json(response: ServerResponse, status: number, body: unknown): void {
  send(response, status, 'application/json;charset=utf-8', JSON.stringify(body))
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type }).end(body)
}
