/** What a guard found. Kept with the transition that it let through, and shown to operators. */

export const GUARD_OUTCOMES = ['PASSED', 'FAILED', 'MISSING'] as const
export type GuardOutcome = (typeof GUARD_OUTCOMES)[number]

/** Outcomes of the NIST Cybersecurity Framework 2.0 that guards serve. */
export const CSF_CODES = ['RC.RP-01', 'RC.RP-02', 'RC.RP-03', 'RC.RP-04', 'RC.RP-05', 'RC.RP-06', 'RC.CO-03'] as const
export type CsfCode = (typeof CSF_CODES)[number]

export interface GuardResult {
  /** Such as `TWO_ATTESTATIONS`. */
  readonly guard: string
  readonly outcome: GuardOutcome
  /** What was found, or what is missing and how to give it; for operators. */
  readonly reason: string
  /** Null: the framework has no outcome for it. */
  readonly code: CsfCode | null
}
