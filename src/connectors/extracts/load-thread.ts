import { setPriority } from 'node:os'
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { ensureError } from '../../model/errors.ts'
import type { SystemKey } from '../../model/system.ts'
import { RELATIONS } from '../../systems/relations/all.ts'
import { type RelationTotals, writeRelation } from './drop-file.ts'
import type { ManifestFile } from './manifest.ts'
import type { RelationMapping } from './mapping.ts'

/**
 * The thread that writes a drop into a new SQLite file, for `loader.ts`; it ends with it. It goes on after a relation
 * that is refused, so that whoever mends the drop learns of all of them. Writes that one file and nothing else.
 */
export interface LoadOrder {
  readonly directory: string
  /** The SQLite file to make. */
  readonly path: string
  /** Others are served meanwhile, and go first where there are not processors enough for all. */
  readonly isBackground: boolean
  readonly relations: readonly {
    readonly system: SystemKey
    readonly name: string
    readonly mapping: RelationMapping
    readonly files: readonly ManifestFile[]
  }[]
}

export interface Refusal {
  readonly relation: string
  readonly reason: string
}

/** Posted while it goes on: rows that were written so far. Then comes what was loaded. */
export type LoadMessage = { readonly kind: 'progress'; readonly rows: number } | ({ readonly kind: 'loaded' } & Loaded)

export interface Loaded {
  /** By relation name; one that was refused is missing. */
  readonly totals: ReadonlyMap<string, RelationTotals>
  readonly refusals: readonly Refusal[]
}

/** Memory for pages of the file that is written, in KiB. */
const CACHE_KIB = 65_536

/** How often the progress is told, in milliseconds. */
const TELL_MS = 1_000

/** Tells how far it is, of all relations together, so that whoever waits knows that it goes on. */
function createProgress(): () => void {
  let rows = 0
  let told = performance.now()
  return () => {
    rows += 1
    if (rows % 1_024 !== 0 || performance.now() - told < TELL_MS) return
    told = performance.now()
    post({ kind: 'progress', rows })
  }
}

function post(message: LoadMessage): void {
  parentPort?.postMessage(message)
}

async function load({ directory, path, isBackground, relations }: LoadOrder): Promise<Loaded> {
  if (isBackground) giveWay()
  const database = new DatabaseSync(path)
  // Nobody reads the file before it is whole, and nobody keeps one that is not.
  database.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -${CACHE_KIB}; BEGIN`)
  const totals = new Map<string, RelationTotals>()
  const refusals: Refusal[] = []
  const onRow = createProgress()
  for (const { system, name, mapping, files } of relations) {
    const relation = RELATIONS[system].find(each => each.name === name)
    if (relation === undefined) throw new TypeError(`${system} has no relation ${name}`)
    try {
      totals.set(name, await writeRelation(database, { directory, relation, mapping, files }, onRow))
    } catch (thrown) {
      if (isOwnFailure(thrown)) throw thrown
      refusals.push({ relation: name, reason: ensureError(thrown).message })
    }
  }
  database.exec('COMMIT')
  database.close()
  return { totals, refusals }
}

/** About a third of the time of one of the others, so that a new drop still comes on a machine that is always busy. */
const NICE = 5

/** A priority is a thread's own on Linux alone; elsewhere it would be that of the whole gateway. */
function giveWay(): void {
  if (process.platform !== 'linux') return
  try {
    setPriority(NICE)
  } catch {
    // A sandbox that forbids it costs the others some of their time, and no more.
  }
}

/** Of the file that is written, such as a full disk: it says nothing about the drop. */
function isOwnFailure(thrown: unknown): boolean {
  return (ensureError(thrown) as { code?: unknown }).code === 'ERR_SQLITE_ERROR'
}

post({ kind: 'loaded', ...(await load(workerData as LoadOrder)) })
