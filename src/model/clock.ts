/** Time as a parameter: whoever needs the time is given a clock, so that tests can move it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
}

/** A clock elsewhere, that this machine's is to agree with. */
export interface OtherClock {
  /** Whose it is, such as `the shared store`. */
  readonly of: string
  /** Its time less that of this machine, in milliseconds. */
  offsetMs(): Promise<number>
}

export const systemClock: Clock = { now: () => Date.now() }
