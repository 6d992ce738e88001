import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import { parentPort } from 'node:worker_threads'
import { ensureError } from '../../model/errors.ts'
import type { Statement } from './conditions.ts'
import type { PagePlan } from './statements.ts'

/**
 * The thread that reads the SQLite files of drops, for `reader.ts`: so that no read holds up the gateway's own event
 * loop. Several reads go on at once, each in slices, and one that nobody waits for any more stops at its next. Files are
 * opened for reading only.
 */
export type Asked =
  | { readonly kind: 'lookup'; readonly file: string; readonly statement: Statement }
  | { readonly kind: 'page'; readonly file: string; readonly plan: PagePlan }
  /** Nothing reads this file any more. Answered once it is closed. */
  | { readonly kind: 'release'; readonly file: string }

export type ReadRequest = (Asked & { readonly id: number }) | { readonly kind: 'abandon'; readonly id: number }

/** Each that is asked has any number of parts and then one of the others, an abandoned read too. */
export type ReadReply =
  /** A JSON array of rows, in order. */
  | { readonly id: number; readonly part: string }
  | { readonly id: number; readonly done: true }
  | { readonly id: number; readonly failure: string }

/** How long one read may go on before others have their turn, in milliseconds. */
const SLICE_MS = 5
/** Rows between two looks at the time. */
const LOOK_EVERY = 64
/** Memory for pages of one file, in KiB. */
const CACHE_KIB = 32_768
/** Characters of rows that are kept before they are handed over, so that no read fills the heap of this thread. */
const PART_LENGTH = 262_144
/** Statements that are kept prepared for one file. */
const MOST_PREPARED = 200

interface OpenFile {
  readonly database: DatabaseSync
  /** Those that no read uses now. A read takes its own out, as a statement has one position only. */
  readonly prepared: Map<string, StatementSync>
}

const port = parentPort
if (port === null) throw new TypeError('this file runs as a thread')
const files = new Map<string, OpenFile>()
const abandoned = new Set<number>()
const underway = new Set<number>()

port.on('message', (request: ReadRequest) => {
  if (request.kind === 'abandon') {
    if (underway.has(request.id)) abandoned.add(request.id)
    return
  }
  underway.add(request.id)
  void answer(request).then(reply => {
    underway.delete(request.id)
    abandoned.delete(request.id)
    port.postMessage(reply)
  })
})

async function answer(request: Asked & { readonly id: number }): Promise<ReadReply> {
  const { id, kind, file } = request
  try {
    if (kind === 'release') release(file)
    else {
      await nextTurn(id)
      const open = fileAt(file)
      await give(open, kind === 'lookup' ? request.statement : await pageStatement(open, request.plan, id), id)
    }
    return { id, done: true }
  } catch (thrown) {
    return { id, failure: ensureError(thrown).message }
  }
}

function release(path: string): void {
  files.get(path)?.database.close()
  files.delete(path)
}

/** Lets others have their turn; whoever abandons this read is among them, and it rejects then. */
async function nextTurn(id: number): Promise<void> {
  await setImmediate()
  if (abandoned.has(id)) throw new Error('nobody waits for it')
}

function fileAt(path: string): OpenFile {
  const found = files.get(path)
  if (found !== undefined) return found
  const database = new DatabaseSync(path, { readOnly: true })
  database.exec(`PRAGMA query_only = ON; PRAGMA cache_size = -${CACHE_KIB}`)
  const opened = { database, prepared: new Map() }
  files.set(path, opened)
  return opened
}

/** Finds the rows of a page, and says how they are gathered. */
async function pageStatement(file: OpenFile, { scans, gather, wanted }: PagePlan, id: number): Promise<Statement> {
  const found: unknown[] = []
  for (const scan of scans) {
    const before = found.length
    await step(file, scan, id, ([position, passes]) => {
      if (passes === 1) found.push(position)
      return found.length - before < wanted
    })
  }
  return { sql: gather, values: [JSON.stringify(found), wanted] }
}

/** Hands over the text of each row that a statement gives, part by part. */
async function give(file: OpenFile, statement: Statement, id: number): Promise<void> {
  let rows: unknown[] = []
  let length = 0
  const handOver = () => {
    if (rows.length > 0) port?.postMessage({ id, part: `[${rows.join(',')}]` } satisfies ReadReply)
    rows = []
    length = 0
  }
  await step(file, statement, id, ([row]) => {
    rows.push(row)
    length += String(row).length
    if (length >= PART_LENGTH) handOver()
    return true
  })
  handOver()
}

/** Steps through what a statement gives, in slices, for as long as `take` says so and somebody waits for it. */
async function step(
  file: OpenFile,
  { sql, values }: Statement,
  id: number,
  take: (row: readonly unknown[]) => boolean,
): Promise<void> {
  const statement = file.prepared.get(sql) ?? file.database.prepare(sql)
  file.prepared.delete(sql)
  statement.setReturnArrays(true)
  // The types of the package know rows as objects only.
  const rows = statement.iterate(...(values as SQLInputValue[])) as unknown as Iterator<readonly unknown[]>
  let until = performance.now() + SLICE_MS
  try {
    for (let count = 1, next = rows.next(); next.done !== true; count += 1, next = rows.next()) {
      if (!take(next.value)) break
      if (count % LOOK_EVERY === 0 && performance.now() > until) {
        await nextTurn(id)
        until = performance.now() + SLICE_MS
      }
    }
  } finally {
    rows.return?.()
  }
  if (file.prepared.size < MOST_PREPARED) file.prepared.set(sql, statement)
}
