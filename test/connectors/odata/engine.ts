import mockserver from '@sap-ux/fe-mockserver-core'
import filters from '@sap-ux/fe-mockserver-core/dist/request/filterParser.js'
import { type Engine, edmx, INDEX, sortable } from './engine-parts.ts'
import type { Served } from './served.ts'

/**
 * An OData engine that is not ours, @sap-ux/fe-mockserver-core, made to take any data. It decides by itself what
 * `$filter`, `$orderby`, `$select` and `$top` mean; but its literals know no quote, backslash or line break, its decimals
 * are floats and its dates lose their type. So it is given every value as text that sorts as the value does, under
 * metadata that calls each property a string, and the front in `server.ts` translates.
 */
const { default: MockServer, ODataRequest } = mockserver as unknown as typeof import('@sap-ux/fe-mockserver-core')

// It builds its whole grammar for every `$filter`, which is most of the time it takes: one parser reads them all.
const filterParser = new filters.FilterParser() as InstanceType<typeof filters.FilterParser> & {
  input: unknown
  readonly errors: readonly Error[]
}
Object.assign(filters, {
  parseFilter(text: string | null) {
    if (!text) return undefined
    filterParser.input = filters.FilterLexer.tokenize(text).tokens
    const parsed = filterParser.filterExpr()
    if (filterParser.errors.length > 0) throw new Error(`${text}: ${filterParser.errors.join('; ')}`)
    return parsed
  },
} satisfies Pick<typeof filters, 'parseFilter'>)

export async function createEngine(version: 'V2' | 'V4', served: Served): Promise<Engine> {
  const files = new Map(
    served.sets.map(set => [
      `/data/${set.name}.json`,
      JSON.stringify(
        set.rows.map((row, index) => ({
          ...Object.fromEntries(
            Object.keys(set.properties).map(name => [
              name,
              sortable(set.properties[name]?.type ?? '', row[name] ?? null),
            ]),
          ),
          [INDEX]: String(index),
        })),
      ),
    ]),
  )
  files.set('/metadata.xml', engineMetadata(version, served))
  class Loader {
    loadFile = async (path: string) => files.get(path) ?? ''
    loadFileSync = (path: string) => files.get(path) ?? ''
    exists = async (path: string) => files.has(path)
    existsSync = (path: string) => files.has(path)
    syncSupported = () => true
    isTypescriptEnabled = () => false
    loadJS = async (path: string) => {
      const module = await import(`${path}.js`)
      return module.default.default ?? module.default
    }
  }
  const server = new MockServer({
    services: [{ urlPath: '/s', metadataPath: '/metadata.xml', mockdataPath: '/data', logger: SILENT }],
    // The option takes the class itself, whatever its type says.
    fileLoader: Loader as unknown as string,
  } as never)
  await server.isReady
  const service = server.getServiceRegistry().getService('/s')
  return {
    async get(path) {
      const request = new ODataRequest({ method: 'GET', url: `/${path}`, headers: {} } as never, service as never)
      await request.handleRequest()
      const answer = request.getResponseData()
      const parsed: unknown = typeof answer === 'string' && answer !== '' ? JSON.parse(answer) : answer
      if (typeof parsed === 'number') return { status: 200, rows: [], count: parsed }
      const list = version === 'V2' ? memberOf(memberOf(parsed, 'd'), 'results') : memberOf(parsed, 'value')
      const rows = (Array.isArray(list) ? list : []).map((row: Readonly<Record<string, unknown>>) => ({
        index: Number(row[INDEX]),
        properties: Object.keys(row).filter(name => !/^(__|@)/.test(name) && name !== INDEX),
      }))
      return { status: request.statusCode, rows, count: null }
    },
  }
}

const SILENT = { info() {}, error() {}, warn() {}, debug() {} }

function memberOf(value: unknown, name: string): unknown {
  return value !== null && typeof value === 'object' ? (value as Readonly<Record<string, unknown>>)[name] : undefined
}

function engineMetadata(version: 'V2' | 'V4', { sets }: Served): string {
  const types = sets.map(
    ({ name, key, properties }) =>
      `<EntityType Name="${name}Type"><Key>${key.map(field => `<PropertyRef Name="${field}"/>`).join('')}</Key>${[...Object.keys(properties), INDEX].map(field => `<Property Name="${field}" Type="Edm.String"/>`).join('')}</EntityType>`,
  )
  const container = sets.map(({ name }) => `<EntitySet Name="${name}" EntityType="S.${name}Type"/>`)
  return edmx(
    version,
    'S',
    `${types.join('')}<EntityContainer Name="Container">${container.join('')}</EntityContainer>`,
  )
}
