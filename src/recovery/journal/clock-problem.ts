/**
 * How far clocks may be apart where entries are written. The journal keeps the times of its entries for ever and never
 * runs back, so one entry from the future would make everything that lapses have lapsed for good.
 */

/** Most that an entry may be ahead of the database's clock, and the journal ahead of an instance's, in seconds. */
export const MOST_AHEAD_SECONDS = 60

/** Nothing can be written for a clock that is wrong; somebody has to correct it, and nothing else needs to be done. */
export class ClockProblem extends Error {
  override readonly name = 'ClockProblem'
}
