/** What the gateway itself sees of a restored system, through its connector. Made by `src/systems/`, judged by guards. */
export interface Observation {
  readonly at: string
  /** The time the data is as of; null: the system did not answer. */
  readonly asOf: string | null
  /** Whether the system has just refused a write. */
  readonly readOnlyProven: boolean
  /** Whether it took one: then it is not as it was attested. */
  readonly writeAccepted: boolean
  /** By relation; a relation that is not there, or could not be measured, is missing. */
  readonly totals: Readonly<Record<string, MeasuredTotals>>
  /** Reads of the last hour. */
  readonly reads: { readonly answered: number; readonly failed: number }
  /** Why the system could not be looked at, in words for operators; null: it could. */
  readonly failure: string | null
}

export interface MeasuredTotals {
  readonly rows: number
  /** By column, exact decimal text. */
  readonly sums: Readonly<Record<string, string>>
}
