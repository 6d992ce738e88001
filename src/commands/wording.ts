/** Numbers and times in words for people: one way for all commands. */

/** `1 partner`, `2 partners`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

/** `2025-10-06T08:00:00.000Z` → `2025-10-06 08:00Z`; a dash where there is no time. */
export function minute(instant: string | null): string {
  return instant === null ? '–' : `${new Date(instant).toISOString().slice(0, 16).replace('T', ' ')}Z`
}

/** Characters of an id that are shown where there is no room for all, and that name it where they are unique. */
export const SHORT_ID = 8

export function shownId(id: string, long: boolean): string {
  return long ? id : id.slice(0, SHORT_ID)
}
