import type { ServedProperty, ServedSet, ServedValue } from './served.ts'

/** Words for SAP's types in what a test serves. */
export const text = (maxLength: number): ServedProperty => ({ type: 'Edm.String', maxLength })
export const amount: ServedProperty = { type: 'Edm.Decimal', precision: 14, scale: 3 }
export const day: ServedProperty = { type: 'Edm.DateTime' }
export const flag: ServedProperty = { type: 'Edm.Boolean' }

export type Cells = Readonly<Record<string, ServedValue>>

/** Empty text and no time, as SAP has them, where a row says nothing. */
export function setOf(
  name: string,
  key: readonly string[],
  properties: ServedSet['properties'],
  rows: readonly Cells[],
): ServedSet {
  const initial = Object.fromEntries(
    Object.entries(properties).map(([field, { type }]): [string, ServedValue] => [
      field,
      type === 'Edm.String' ? '' : type === 'Edm.Decimal' ? '0.000' : type === 'Edm.Boolean' ? false : null,
    ]),
  )
  return { name, key, properties, rows: rows.map(row => ({ ...initial, ...row })) }
}
