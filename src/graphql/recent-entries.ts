/**
 * A bounded map that forgets what was not asked for lately: two generations, of which the younger takes in what is set or
 * found, and takes the place of the elder when it is full. Far cheaper than a list in the order of use, and nearly as good.
 */
export interface RecentEntries<T> {
  get(key: string): T | undefined
  set(key: string, value: T): void
  delete(key: string): void
}

/** @param most entries that are held, at least one */
export function createRecentEntries<T extends NonNullable<unknown>>(most: number): RecentEntries<T> {
  const generation = Math.max(1, Math.floor(most / 2))
  let young = new Map<string, T>()
  let old = new Map<string, T>()

  function set(key: string, value: T): void {
    if (young.size >= generation && !young.has(key)) {
      old = young
      young = new Map()
    }
    young.set(key, value)
  }

  return {
    get(key) {
      const known = young.get(key)
      if (known !== undefined) return known
      const found = old.get(key)
      if (found !== undefined) set(key, found)
      return found
    },
    set,
    delete(key) {
      young.delete(key)
      old.delete(key)
    },
  }
}
