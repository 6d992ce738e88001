import type { Money, Quantity } from '../src/graphql/schema.generated.ts'

/** An amount with the currency that stands beside it in its row; null where the row has no amount. */
export function money(amount: string, currency: string): Money
export function money(amount: string | null, currency: string): Money | null
export function money(amount: string | null, currency: string): Money | null {
  return amount === null ? null : { amount, currency }
}

/** A quantity with the unit that stands beside it in its row. */
export function quantity(value: string, unit: string): Quantity {
  return { value, unit }
}
