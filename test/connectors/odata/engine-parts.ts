import type { ServedValue } from './served.ts'

/** What the front in `server.ts` and its engines have in common. */
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

export function edmx(version: 'V2' | 'V4', namespace: string, content: string): string {
  return version === 'V2'
    ? `<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx"><edmx:DataServices m:DataServiceVersion="2.0" xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"><Schema Namespace="${namespace}" xmlns="http://schemas.microsoft.com/ado/2008/09/edm">${content}</Schema></edmx:DataServices></edmx:Edmx>`
    : `<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices><Schema Namespace="${namespace}" xmlns="http://docs.oasis-open.org/odata/ns/edm">${content}</Schema></edmx:DataServices></edmx:Edmx>`
}
