/** What a site demands of evidence: the numbers behind the guards. Part of the configuration. */
export interface RecoveryPolicy {
  /** Longest time for which a restore attestation may count. */
  readonly attestationMaxHours: number
  /** A backup must have been taken at least this long before the earliest intrusion. */
  readonly backupMarginHours: number
  /** How long a system must have been open to its first waves before it opens to all. */
  readonly limitedOpenHours: number
  /** A system whose data is older than this is silent. */
  readonly feedSilentHours: number
  /** Most reads of an hour that may fail before a system opens to all, in percent. */
  readonly errorRatePercent: number
  /** Most that may be open in each backlog of a system before its normal operation is declared. */
  readonly backlogLimit: number
  /** How long the journal may be out of reach before everything closes. */
  readonly journalSilenceSeconds: number
  /** How far the clock of a signer may be off. */
  readonly clockSkewSeconds: number
}
