import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { TextEntry } from './text-storage.ts'

/**
 * The SQLite file of last-known-good: texts by key; when its bound is reached, the oldest go of the partner that holds most.
 * It survives a stop at any moment. One that is damaged is moved aside and begun anew: what it held is not worth a gateway that does not start.
 * Called by the thread that has it open; synchronous.
 */
export interface SqliteFile {
  getMany(keys: readonly string[]): readonly (string | undefined)[]
  /** All of them, in one transaction; false: it is larger than the bound by itself. */
  setMany(entries: readonly TextEntry[], nowMs: number): readonly boolean[]
  close(): void
}

export interface SqliteFileOptions {
  readonly path: string
  /** Of the file itself; what is being written stands beside it, in at most `JOURNAL_BYTES` more. */
  readonly maxBytes: number
  /** A damaged file was moved there, and why. */
  readonly onDamaged: (movedTo: string, reason: string) => void
}

/** Changes with the tables: a file of another format is begun anew. */
const FORMAT = 2
const PAGE_BYTES = 4_096
const JOURNAL_BYTES = 4_194_304
/** What a text takes beside itself, at most: its key, its holder, their indexes, and what is left of its last page. */
const OVERHEAD_BYTES = PAGE_BYTES + 512
/** Other processes may write too. */
const BUSY_MS = 1_000
/** Rows that make room at a time. */
const EVICTED = 32
/** Rows whose time is over, taken out with each batch. */
const EXPIRED = 128

interface Opened {
  readonly database: DatabaseSync
  readonly find: StatementSync
  readonly remove: StatementSync
  readonly insert: StatementSync
  readonly sizes: StatementSync
  readonly removeOldest: StatementSync
  readonly removeExpired: StatementSync
}

export function openSqliteFile({ path, maxBytes, onDamaged }: SqliteFileOptions): SqliteFile {
  const room = maxBytes - PAGE_BYTES
  let current: Opened | null = null

  /** Runs it on the file; where that is damaged, once more on a new one. */
  function onFile<T>(run: (file: Opened) => T): T {
    try {
      return run(opened())
    } catch (thrown) {
      const reason = damageOf(thrown)
      if (reason === null) throw thrown
      close()
      onDamaged(moveAside(path), reason)
      return run(opened())
    }
  }

  function opened(): Opened {
    if (current !== null) return current
    const file = openAt(path)
    current = file
    if (sizesOf(file).all > maxBytes) {
      makeRoom(file, 0)
      file.database.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)')
    }
    file.database.exec(`PRAGMA max_page_count = ${Math.floor(maxBytes / PAGE_BYTES)}`)
    return file
  }

  function makeRoom(file: Opened, bytes: number): void {
    while (sizesOf(file).used + bytes > room) if (file.removeOldest.run(EVICTED).changes === 0) return
  }

  function close(): void {
    current?.database.close()
    current = null
  }

  // What cannot be opened is known at once, and not when something is to be found.
  onFile(() => {})

  return {
    getMany: keys =>
      onFile(({ find }) => keys.map(key => (find.get(key) as { readonly text: string } | undefined)?.text)),
    setMany: (entries, nowMs) =>
      onFile(file =>
        inTransaction(file, () => {
          file.removeExpired.run(nowMs, EXPIRED)
          return entries.map(({ key, value, ttl, by }) => {
            const bytes = Buffer.byteLength(value) + OVERHEAD_BYTES
            if (bytes > room / 2) return false
            file.remove.run(key)
            makeRoom(file, bytes)
            file.insert.run(key, value, by, bytes, nowMs + Math.ceil(ttl))
            return true
          })
        }),
      ),
    close,
  }
}

function inTransaction<T>({ database }: Opened, run: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = run()
    database.exec('COMMIT')
    return result
  } catch (thrown) {
    // A failure may have ended it already.
    if (database.isTransaction) database.exec('ROLLBACK')
    throw thrown
  }
}

/** In bytes: of the file, and of what is used of it. */
function sizesOf({ sizes }: Opened): { readonly all: number; readonly used: number } {
  const { pages, free } = sizes.get() as { readonly pages: number; readonly free: number }
  return { all: pages * PAGE_BYTES, used: (pages - free) * PAGE_BYTES }
}

/** Throws where it cannot be opened, or is not one of ours. */
function openAt(path: string): Opened {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  // What SQLite makes beside it takes its rights from it: rows of partners are nobody else's to read.
  closeSync(openSync(path, 'a', 0o600))
  const database = new DatabaseSync(path, { timeout: BUSY_MS })
  try {
    database.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
      PRAGMA journal_size_limit = ${JOURNAL_BYTES}`)
    const format = Number(database.prepare('PRAGMA user_version').get()?.user_version)
    if (format !== 0 && format !== FORMAT) throw new OtherFormat(`it has the format ${format}, not ${FORMAT}`)
    database.exec(`BEGIN IMMEDIATE;
      CREATE TABLE IF NOT EXISTS kept (place INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, text TEXT NOT NULL,
        holder TEXT NOT NULL, bytes INTEGER NOT NULL, ends_at INTEGER NOT NULL) STRICT;
      CREATE INDEX IF NOT EXISTS kept_by_end ON kept (ends_at);
      CREATE INDEX IF NOT EXISTS kept_by_holder ON kept (holder, place);
      CREATE TABLE IF NOT EXISTS holders (holder TEXT PRIMARY KEY, bytes INTEGER NOT NULL) STRICT, WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS holders_by_bytes ON holders (bytes);
      CREATE TRIGGER IF NOT EXISTS held AFTER INSERT ON kept BEGIN
        INSERT INTO holders VALUES (new.holder, new.bytes) ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes;
      END;
      CREATE TRIGGER IF NOT EXISTS let_go AFTER DELETE ON kept BEGIN
        UPDATE holders SET bytes = bytes - old.bytes WHERE holder = old.holder;
        DELETE FROM holders WHERE holder = old.holder AND bytes <= 0;
      END;
      PRAGMA user_version = ${FORMAT};
      COMMIT`)
    return {
      database,
      find: database.prepare('SELECT text FROM kept WHERE key = ?'),
      remove: database.prepare('DELETE FROM kept WHERE key = ?'),
      insert: database.prepare('INSERT INTO kept (key, text, holder, bytes, ends_at) VALUES (?, ?, ?, ?, ?)'),
      sizes: database.prepare(
        'SELECT page_count AS pages, freelist_count AS free FROM pragma_page_count, pragma_freelist_count',
      ),
      removeOldest: database.prepare(`DELETE FROM kept WHERE place IN (SELECT place FROM kept
        WHERE holder = (SELECT holder FROM holders ORDER BY bytes DESC LIMIT 1) ORDER BY place LIMIT ?)`),
      removeExpired: database.prepare(
        'DELETE FROM kept WHERE place IN (SELECT place FROM kept WHERE ends_at <= ? ORDER BY ends_at LIMIT ?)',
      ),
    }
  } catch (thrown) {
    database.close()
    throw thrown
  }
}

class OtherFormat extends Error {}

/** https://www.sqlite.org/rescode.html */
const SQLITE_CORRUPT = 11
const SQLITE_NOTADB = 26

/** What is wrong with the file; null: nothing that a new one would mend. */
function damageOf(thrown: unknown): string | null {
  if (thrown instanceof OtherFormat) return thrown.message
  if (!(thrown instanceof Error) || !('errcode' in thrown)) return null
  // An extended code has the plain one in its lowest byte.
  const code = Number(thrown.errcode) & 0xff
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB ? thrown.message : null
}

/** Takes the place of one that was moved before: they do not pile up. */
function moveAside(path: string): string {
  const aside = `${path}.damaged`
  if (existsSync(path)) renameSync(path, aside)
  for (const beside of ['-wal', '-shm']) rmSync(`${path}${beside}`, { force: true })
  return aside
}
