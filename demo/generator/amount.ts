/** Exact amounts: money is counted in whole pence or cents and quantities in whole units, and only written as decimals. */

/** `-1234567` → `-12345.67`. */
export function money(pence: number): string {
  const digits = String(Math.abs(pence)).padStart(3, '0')
  return `${pence < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** `40` → `40.000`. */
export const quantity = (units: number): string => `${units}.000`
