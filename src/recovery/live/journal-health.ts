/** How it stands with the journal, for health, status and metrics. */
export interface JournalHealth {
  readonly condition: 'FOLLOWED' | 'OUT_OF_REACH' | 'NOT_VERIFIED'
  readonly sequence: number
  /** When it was last read with success, RFC 3339; null: never. */
  readonly lastReadAt: string | null
  /** Where it does not verify, or why it cannot be read; null while all is well. */
  readonly problem: string | null
}
