/**
 * Who waits, in one line for each partner; the lines are served in turn. So at most one of each other partner is served before
 * each of one's own, however many those have. Every step takes the same time however many wait, but `dropNewest`, which looks
 * at every partner.
 */
export interface FairLine<T> {
  readonly size: number
  add(by: string, item: T): void
  /** The next in turn, which leaves the line; undefined: nobody waits. */
  next(): T | undefined
  remove(by: string, item: T): void
  /** How many would be served before another of this partner, at most. */
  ahead(by: string): number
  /** Takes out the newest of whoever has the most waiting, if that is more than this partner has; undefined: nobody has. */
  dropNewest(by: string): T | undefined
}

export function createFairLine<T>(): FairLine<T> {
  /** By partner; whose turn is next stands first. */
  const lines = new Map<string, Set<T>>()
  let size = 0

  function remove(by: string, item: T): void {
    const line = lines.get(by)
    if (!line?.delete(item)) return
    size -= 1
    if (line.size === 0) lines.delete(by)
  }
  const lengthOf = (by: string) => lines.get(by)?.size ?? 0
  return {
    get size() {
      return size
    },
    add(by, item) {
      const line = lines.get(by) ?? new Set<T>()
      lines.set(by, line.add(item))
      size += 1
    },
    next() {
      const [first] = lines
      if (first === undefined) return undefined
      const [by, line] = first
      const [item] = line
      if (item === undefined) return undefined
      remove(by, item)
      // To the end of the turn, where any are left.
      if (lines.delete(by)) lines.set(by, line)
      return item
    },
    remove,
    ahead(by) {
      const own = lengthOf(by)
      return Math.min(size, own + (own + 1) * (lines.size - (own > 0 ? 1 : 0)))
    },
    dropNewest(by) {
      const longest = [...lines].reduce((most, line) => (line[1].size > most[1].size ? line : most), [by, new Set<T>()])
      if (longest[1].size <= lengthOf(by)) return undefined
      const newest = [...longest[1]].at(-1)
      if (newest !== undefined) remove(longest[0], newest)
      return newest
    },
  }
}
