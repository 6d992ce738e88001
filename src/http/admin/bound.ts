import { GatewayError } from '../../model/errors.ts'

/** Runs work that it is given, or refuses it with RATE_LIMITED where too much of it runs or waits already. */
export type Bound = <T>(work: () => Promise<T>) => Promise<T>

/** Bounds of the operators' routes: each kind of work has its own, so that no reading ever keeps a statement out. */
export interface OperatorBounds {
  /** Statements that are handed in: the desk takes one after the other. */
  readonly statements: Bound
  /** Dry runs and checks, which look at systems. */
  readonly trials: Bound
  /** Reading of the journal, which is much. */
  readonly journal: Bound
}

export function createOperatorBounds(): OperatorBounds {
  return {
    statements: atMost(64, 'statements'),
    trials: atMost(4, 'dry runs and checks'),
    journal: atMost(2, 'readings of the journal'),
  }
}

function atMost(limit: number, what: string): Bound {
  let running = 0
  return async work => {
    if (running >= limit)
      throw new GatewayError('RATE_LIMITED', `At most ${limit} ${what} are taken at a time.`, {
        details: { retryAfterSeconds: 1 },
      })
    running += 1
    try {
      return await work()
    } finally {
      running -= 1
    }
  }
}
