import type { JournalRow, JournalStore } from './store.ts'

/** Reads on in the journal. Called by whoever follows it and by what verifies or exports it. */

/** Rows in one read; verifying so many takes a twentieth of a second. */
export const PAGE_ROWS = 500

/**
 * What follows a row that was read before, `null`: from the first on. That row is read again with them, so that a
 * second one of its number shows; null: it is not there any more as it was.
 */
export async function readOn(
  read: JournalStore['read'],
  last: JournalRow | null,
): Promise<readonly JournalRow[] | null> {
  if (last === null) return read(0, PAGE_ROWS)
  const [again, ...rows] = await read(last.sequence - 1, PAGE_ROWS + 1)
  return again !== undefined && isSameRow(again, last) ? rows : null
}

/** All rows as they are stored, page by page. Throws where one vanishes meanwhile, and what the store throws. */
export async function* readAll(read: JournalStore['read']): AsyncGenerator<JournalRow, void, undefined> {
  let last: JournalRow | null = null
  for (;;) {
    const rows: readonly JournalRow[] | null = await readOn(read, last)
    if (rows === null) throw new Error(`entry ${last?.sequence} of the journal was changed while it was read`)
    yield* rows
    last = rows.at(-1) ?? last
    if (rows.length < PAGE_ROWS) return
  }
}

function isSameRow(a: JournalRow, b: JournalRow): boolean {
  return Object.entries(a).every(([name, value]) => b[name as keyof JournalRow] === value)
}
