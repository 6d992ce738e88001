/**
 * How large a row of the chaos suite runs, and on which seed: short within `npm test`, in full where the runner asks for
 * it. Every random choice of a row comes from the seed.
 */
export const IS_FULL = process.env.CHAOS_FORM === 'full'

export const SEED = Number(process.env.CHAOS_SEED ?? 1)

export const sized = <T>(short: T, full: T): T => (IS_FULL ? full : short)
