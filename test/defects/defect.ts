/**
 * A mistake that somebody could make, and the test that must find it. Put in by `npm run defects`, one at a time, in a copy;
 * `defects.test.ts` holds that each still fits the code.
 */
export interface Defect {
  /** What goes wrong, in a line. */
  readonly is: string
  readonly file: string
  /** Stands in the file once. */
  readonly original: string
  readonly mistaken: string
  readonly caughtBy: NamedTest
}

export interface NamedTest {
  readonly suite: string
  /** The beginning of the test's own name, as it is written; of a table of tests, of its template. */
  readonly test: string
  /** For tests that draw at random: as many runs as find it. */
  readonly env?: Readonly<Record<string, string>>
}
