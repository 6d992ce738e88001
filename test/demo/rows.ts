import { createDataset, EMBEDDED_DATASET } from '../../demo/generator/dataset.ts'
import type { AnyRelation } from '../../src/systems/connector.ts'
import type { Row, RowOf } from '../../src/systems/relation.ts'

/** The embedded default's dataset and its rows, for the tests that hold relations against each other. */
export const dataset = createDataset(EMBEDDED_DATASET)

const made = new Map<AnyRelation, readonly Row[]>()

/** Made once for all tests of a file: many ask for the same. */
export function rowsOf<R extends AnyRelation>(relation: R): readonly (RowOf<R> & Row)[] {
  const rows = made.get(relation) ?? [...dataset.rows(relation)]
  made.set(relation, rows)
  return rows as readonly (RowOf<R> & Row)[]
}

/** A map that finds every row by a key, and fails on a key that two rows share. */
export function indexBy<T>(rows: Iterable<T>, keyOf: (row: T) => string): ReadonlyMap<string, T> {
  const index = new Map<string, T>()
  for (const row of rows) {
    const key = keyOf(row)
    if (index.has(key)) throw new Error(`two rows share the key ${key}`)
    index.set(key, row)
  }
  return index
}

export function groupBy<T>(rows: Iterable<T>, keyOf: (row: T) => string): ReadonlyMap<string, readonly T[]> {
  return Map.groupBy(rows, keyOf)
}

/** `12.30` → 1230n, without a float, so that a penny is never lost to a test. */
export const exact = (amount: string | null): bigint => BigInt((amount ?? '0.00').replace('.', ''))
export const sum = (amounts: Iterable<bigint>): bigint => [...amounts].reduce((total, amount) => total + amount, 0n)
export const ANCHOR_DATE = EMBEDDED_DATASET.anchor.slice(0, 10)
