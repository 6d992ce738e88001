/**
 * The name of an unchanged stretch of a system's state, or of a partner's rights: the journal and the entry that began
 * it, so that all instances say the same, and two journals never.
 */
export function epochOf(journal: string, sequence: number): string {
  return `${journal.slice(0, 16)}.${sequence}`
}
