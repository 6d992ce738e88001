/**
 * Names for the look-ups that a pool keeps prepared in its sessions: what is asked again is not parsed and planned again.
 * Called by `pool-client.ts`. Bounded, because each session holds its own; what comes once has no name. Pages have none:
 * partners could make as many texts of them as there are filters.
 */
export interface Prepared {
  /** Undefined: it is sent as a whole. */
  nameOf(text: string): string | undefined
}

/** More than the look-ups of all relations, under each kind of access. */
const MAX_NAMES = 100
/** Texts that came once and are waited for: pages of every filter come and go. */
const MAX_WAITING = 1_000

export function createPrepared(): Prepared {
  const names = new Map<string, string>()
  const waiting = new Set<string>()
  return {
    nameOf(text) {
      const known = names.get(text)
      if (known !== undefined || names.size >= MAX_NAMES) return known
      if (waiting.delete(text)) {
        names.set(text, `gateway_${names.size}`)
        return names.get(text)
      }
      if (waiting.size >= MAX_WAITING) waiting.clear()
      waiting.add(text)
      return undefined
    },
  }
}
