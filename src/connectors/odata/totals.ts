import { sumOf } from '../../model/decimal.ts'
import type { ControlTotals, RawRow } from '../../systems/connector.ts'
import { columnName } from '../../systems/relation.ts'
import { untrusted } from './failure.ts'
import type { Dialect } from './filter.ts'
import { page } from './page.ts'
import { entitySetOf, type ReadingOptions } from './reading.ts'
import { pathOf } from './requests.ts'
import { narrowed } from './shapes.ts'

/**
 * Control totals: the service counts, and where there are sums every row is read, page by page, with no more than the
 * columns that are summed. Called by the connector. No service of V2 sums by itself.
 */
export async function totals(
  options: ReadingOptions,
  dialect: Dialect,
  asOf: string,
  signal: AbortSignal,
): Promise<ControlTotals> {
  const { relation, origin, service } = dialect.mapping
  const entitySet = entitySetOf(dialect.mapping)
  if (relation.sums.length > 0) return summed(options, dialect, asOf, signal)
  const path = pathOf(options.version, `${entitySet}/$count`, {
    select: [],
    where: origin.kind === 'entities' ? origin.where : null,
    filter: true,
    order: '',
    top: null,
  })
  // The count is plain text, whatever format is asked for.
  const text = await options.client.get(
    service,
    (path ?? '').replace(/[?&]\$format=json$/, '').replace(/\?$/, ''),
    'text',
    signal,
  )
  const count = text.replace(/^\ufeff/, '').trim()
  if (!/^\d{1,15}$/.test(count)) throw untrusted(options.system, `the count of ${entitySet} is not a number`)
  return { rows: Number(count), sums: {}, asOf }
}

async function summed(
  options: ReadingOptions,
  { version, mapping, shapes }: Dialect,
  asOf: string,
  signal: AbortSignal,
): Promise<ControlTotals> {
  const { relation } = mapping
  const columns = [...relation.sums, ...relation.order.columns]
  const dialect: Dialect = { version, mapping: narrowed(mapping, columns), shapes }
  const first = Math.max(1, options.pageSize - 1)
  let count = 0
  let sums: readonly string[] = relation.sums.map(() => '0')
  let after: Parameters<typeof page>[2]['after'] = null
  for (let more = true; more; ) {
    const { rows, next } = await page(options, dialect, { visible: 'all', where: [], after, first }, asOf, signal)
    sums = relation.sums.map((name, index) =>
      sumOf([sums[index] ?? '0', ...rows.flatMap(row => amountOf(options, row, name))]),
    )
    count += rows.length
    more = next !== null
    if (next !== null && next.join('\0') === after?.join('\0'))
      throw untrusted(options.system, `relation ${relation.name}: the service gave the same page twice`)
    after = next
  }
  return { rows: count, sums: Object.fromEntries(relation.sums.map((name, index) => [name, sums[index] ?? '0'])), asOf }
}

function amountOf({ system }: ReadingOptions, row: RawRow, name: string): readonly string[] {
  const value = row[name]
  if (value === null || value === undefined) return []
  const text = String(value)
  if (/^-?\d{1,60}(\.\d{1,60})?$/.test(text)) return [text]
  throw untrusted(system, `column ${columnName(name)} holds a value that is no number`)
}
