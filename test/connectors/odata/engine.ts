import mockserver from '@sap-ux/fe-mockserver-core'
import filters from '@sap-ux/fe-mockserver-core/dist/request/filterParser.js'
import type { Served, ServedValue } from './served.ts'

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

export interface Engine {
  /** Indexes into the served rows and the properties of each that the engine chose to give. */
  get(
    path: string,
  ): Promise<{ readonly status: number; readonly rows: readonly EngineRow[]; readonly count: number | null }>
}

export interface EngineRow {
  readonly index: number
  readonly properties: readonly string[]
}

/** The property that says which of the served rows it is. */
export const INDEX = 'ServedIndex'

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

const SHIFT = 10n ** 40n
const SCALE = 10

/** Text that sorts as the value does, out of characters that the engine's grammar takes. */
export function sortable(type: string, value: ServedValue): string | null {
  if (value === null) return null
  if (type === 'Edm.String' || type === 'Edm.Guid') return `s${Buffer.from(String(value), 'utf8').toString('hex')}`
  if (type === 'Edm.Boolean') return value === true || value === 'true' ? 'b1' : 'b0'
  if (/Date/.test(type)) return `t${String(value).slice(0, 10)}${String(value).slice(10) || 'T00:00:00.000Z'}`
  const [whole = '0', part = ''] = String(value).split('.')
  const digits = BigInt(whole + part.padEnd(SCALE, '0'))
  return `d${String(SHIFT + digits).padStart(42, '0')}`
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

export function edmx(version: 'V2' | 'V4', namespace: string, content: string): string {
  return version === 'V2'
    ? `<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx"><edmx:DataServices m:DataServiceVersion="2.0" xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"><Schema Namespace="${namespace}" xmlns="http://schemas.microsoft.com/ado/2008/09/edm">${content}</Schema></edmx:DataServices></edmx:Edmx>`
    : `<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices><Schema Namespace="${namespace}" xmlns="http://docs.oasis-open.org/odata/ns/edm">${content}</Schema></edmx:DataServices></edmx:Edmx>`
}
