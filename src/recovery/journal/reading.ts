import type { JournalRow, JournalStore } from './store.ts'

/** Reads on in the journal. Called by whoever follows it and by what verifies, lists or exports it. */

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

/** Rows that are read at a time for a page: as long as they may be, they are a few MiB. */
const PIECE_ROWS = 50

export interface Page {
  readonly rows: readonly JournalRow[]
  /** To be given as `after` for what follows; null: that was all. */
  readonly next: number | null
}

/** At most so many rows, and so many bytes of text or one row. */
export async function readPage(
  read: JournalStore['read'],
  after: number,
  { limit, bytes }: { readonly limit: number; readonly bytes: number },
): Promise<Page> {
  const rows: JournalRow[] = []
  const last = () => rows.at(-1)?.sequence ?? after
  let room = bytes
  while (rows.length < limit) {
    const wanted = Math.min(PIECE_ROWS, limit - rows.length)
    const piece = await read(last(), wanted)
    for (const row of piece) {
      room -= bytesOf(row)
      if (room < 0 && rows.length > 0) return { rows, next: last() }
      rows.push(row)
    }
    if (piece.length < wanted) return { rows, next: null }
  }
  return { rows, next: last() }
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

function bytesOf(row: JournalRow): number {
  return Object.values(row).reduce<number>((sum, value) => sum + Buffer.byteLength(String(value)), 0)
}

function isSameRow(a: JournalRow, b: JournalRow): boolean {
  return Object.entries(a).every(([name, value]) => b[name as keyof JournalRow] === value)
}
