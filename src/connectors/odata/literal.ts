import type { Operand } from '../operand.ts'
import { type Cell, isWhole, type Property, type Version } from './edm.ts'

/**
 * Values as they stand in `$filter` and as parameters: OData 2.0 section 6 (primitive types), OData 4.01 URL conventions
 * section 5.1.1. Called by the filters and the functions. It encodes nothing for the URL.
 */

/** Null: no value of the property is this one, so that nothing can equal it. */
export function literalOf(version: Version, property: Property, value: Cell | Operand): string | null {
  const { type, maxLength, scale } = property
  const text = String(value)
  switch (type) {
    case 'Edm.String':
      return maxLength !== null && text.length > maxLength ? null : quoted(text)
    case 'Edm.Guid':
      if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return null
      return version === 'V2' ? `guid'${text}'` : text
    case 'Edm.Boolean':
      return text === 'true' || text === 'false' ? text : null
    case 'Edm.Decimal':
      if (!/^-?\d+(\.\d+)?$/.test(text) || (scale !== null && fractionOf(text) > scale)) return null
      return version === 'V2' ? `${text}M` : text
    case 'Edm.Date':
      return /^\d{4}-\d\d-\d\d/.test(text) ? text.slice(0, 10) : null
    case 'Edm.DateTime':
      return isTime(text) ? `datetime'${timeOf(text).replace(/Z$/, '')}'` : null
    case 'Edm.DateTimeOffset':
      if (!isTime(text)) return null
      return version === 'V2' ? `datetimeoffset'${timeOf(text)}'` : timeOf(text)
    default:
      if (!isWhole(type) || !/^-?\d{1,18}(\.0+)?$/.test(text)) return null
      return `${text.replace(/\..*/, '')}${type === 'Edm.Int64' && version === 'V2' ? 'L' : ''}`
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

function fractionOf(decimal: string): number {
  return (decimal.split('.')[1] ?? '').replace(/0+$/, '').length
}

function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?Z)?$/.test(text)
}

/** Whole seconds are written without a fraction, which a field without one may refuse. */
function timeOf(text: string): string {
  return text.length === 10 ? `${text}T00:00:00Z` : text.replace(/\.0+Z$/, 'Z')
}
