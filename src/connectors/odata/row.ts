import { isDeepStrictEqual } from 'node:util'
import { sumOf } from '../../model/decimal.ts'
import type { SystemKey } from '../../model/system.ts'
import type { Column } from '../../systems/columns.ts'
import type { RawRow } from '../../systems/connector.ts'
import { columnName } from '../../systems/relation.ts'
import type { Operand } from '../operand.ts'
import { comparatorOf } from '../ordering.ts'
import type { CodeTable, CodeValue } from './codes.ts'
import { type Cell, columnValue } from './edm.ts'
import { untrusted } from './failure.ts'
import type { Mapping } from './mapping.ts'
import type { Constant, Reference, Source, Target, Test } from './source.ts'

/** Makes a relation's row of what the services gave. Called by the readings. A value that cannot be made stays as it came. */

/** The mapped fields of one entity, by name. */
export type Entity = Readonly<Record<string, Cell>>

export interface Assembled {
  readonly own: Entity
  /** By the join's name. */
  readonly joined: ReadonlyMap<string, readonly Entity[]>
}

/** Throws `SYSTEM_DATA_INVALID` where texts are put together that nobody could take apart again. */
export function rowOf(system: SystemKey, { relation, sources }: Mapping, assembled: Assembled, asOf: string): RawRow {
  return Object.fromEntries(
    Object.entries(relation.columns).map(([property, column]) => {
      const source = sources.get(property)
      return [property, source === undefined ? null : made(property, column, source)]
    }),
  )

  function made(property: string, column: Column, source: Source): unknown {
    if (source.kind !== 'fields') return columnOf(column, source, assembled, asOf)
    const joined = joinedOf(source, assembled.own)
    if (joined !== false) return joined
    throw untrusted(
      system,
      `relation ${relation.name}: column ${columnName(property)} is put together of texts that hold its separator`,
    )
  }
}

/** Null: a part is missing. False: taken apart again, it would be other parts. */
function joinedOf({ fields, separator }: Extract<Source, { kind: 'fields' }>, own: Entity): string | null | false {
  const parts = fields.map(field => String(own[field] ?? ''))
  if (parts.includes('')) return null
  const joined = parts.join(separator)
  return isDeepStrictEqual(joined.split(separator), parts) && joined
}

function cellAt({ own, joined }: Assembled, { join, field }: Reference): Cell {
  return (join === null ? own : joined.get(join)?.[0])?.[field] ?? null
}

function cellsAt({ joined }: Assembled, { join, field }: Reference): readonly Cell[] {
  return (join === null ? [] : (joined.get(join) ?? [])).map(entity => entity[field] ?? null)
}

function columnOf(
  column: Column,
  source: Exclude<Source, { kind: 'fields' }>,
  assembled: Assembled,
  asOf: string,
): unknown {
  switch (source.kind) {
    case 'field': {
      const cell = cellAt(assembled, source.reference)
      return translated(column, source.pad === null ? cell : stripped(cell), source.codes, source.fallback)
    }
    case 'constant':
      return source.value
    case 'derive':
      return (
        source.rules.find(({ when }) => when.every(([target, test]) => passes(assembled, target, test)))?.value ?? null
      )
    case 'collect': {
      const values = cellsAt(assembled, source.reference).map(cell =>
        translated(column, cell, source.codes, source.fallback),
      )
      return [...new Set(values.filter(value => value !== null))]
    }
    case 'fold': {
      const values = cellsAt(assembled, source.reference).filter(cell => cell !== null && cell !== '')
      return source.fold === 'sum' ? total(values, source.negate) : extreme(column, values, source.fold)
    }
    case 'asOf':
      return asOf
    default:
      return source satisfies never
  }
}

/** SAP fills numbers with zeros and leaves other identifiers as they are. */
function stripped(cell: Cell): Cell {
  return typeof cell === 'string' && /^\d+$/.test(cell) ? cell.replace(/^0+(?=\d)/, '') : cell
}

function translated(column: Column, cell: Cell, codes: CodeTable | null, fallback: CodeValue | null): unknown {
  const value = codes?.valueOf(cell === null ? '' : String(cell)) ?? fallback
  if (value === null || value === undefined) return columnValue(column, cell)
  return column.kind === 'boolean' && (value === 'true' || value === 'false') ? value === 'true' : value
}

function passes(assembled: Assembled, target: Target, test: Test): boolean {
  if (target.kind === 'join')
    return isAmong((assembled.joined.get(target.join)?.length ?? 0) === 0 ? null : 'a row', test)
  if (!target.reference.many) return isAmong(cellAt(assembled, target.reference), test)
  const cells = cellsAt(assembled, target.reference)
  return cells.length > 0 && cells.every(cell => isAmong(cell, test))
}

function isAmong(cell: Cell, { kind, values }: Test): boolean {
  const text = textOf(cell)
  return values.some(value => textOf(value) === text) === (kind === 'among')
}

/** SAP has no nulls: empty text is none. */
function textOf(value: Constant): string {
  return value === null ? '' : String(value)
}

/** What is no decimal stays as it came, for the border to refuse. */
function total(cells: readonly Cell[], negate: boolean): unknown {
  const texts = cells.map(String)
  const odd = texts.find(text => !/^-?\d{1,60}(\.\d{1,60})?$/.test(text))
  if (odd !== undefined) return odd
  const sum = sumOf(texts)
  return negate ? (sum.startsWith('-') ? sum.slice(1) : `-${sum}`) : sum
}

function extreme(column: Column, cells: readonly Cell[], fold: 'min' | 'max'): unknown {
  const compare = comparatorOf(column)
  const sorted = cells.map(cell => columnValue(column, cell)).filter(value => value !== null) as Operand[]
  sorted.sort(compare)
  return sorted.at(fold === 'min' ? 0 : -1) ?? null
}
