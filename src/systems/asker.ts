/** Whom a read of a restored system is for. */
export interface Asker {
  /** The partner, by its BPNL: those who wait are served in turn. Of several, the one who asked first. */
  readonly by: string
  /** All whom the same read is for, where they are several: it has the turn of whoever has the fewest before it. */
  readonly also?: readonly string[]
  /** How long it has waited already, in milliseconds, of the deadline. */
  readonly waitedMs: number
  /** Asked again after a wait; throws where it may no longer read, and the system is not asked. */
  readonly confirm: () => void
}
