import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../model/clock.ts'
import { ensureError } from '../../model/errors.ts'
import { liesAhead } from '../../model/time-ahead.ts'
import type { Log } from '../../observe/log.ts'
import type { RelationTotals } from './drop-file.ts'
import { isThere, stateOf } from './file-state.ts'
import type { Refusal } from './load-thread.ts'
import { loadDrop } from './loader.ts'
import { MANIFEST, type ManifestFile, type Mappings, parseManifest } from './manifest.ts'
import { createPatience } from './patience.ts'
import { smallText } from './regular-file.ts'

/**
 * Which drop is served. A new one is loaded beside it and takes its place when it is whole; until then, and whenever it is
 * refused, the last good one stays. The file of an old one goes with its last reading. Called by `connector.ts`.
 */
export interface Drop {
  readonly asOf: string
  /** SQLite file of its rows. */
  readonly file: string
  /** By relation name. */
  readonly totals: ReadonlyMap<string, RelationTotals>
  /** The time of a drop that was served before this one and is newer; null: none is. */
  readonly newerBefore: string | null
}

export interface Refused {
  /** RFC 3339. */
  readonly at: string
  readonly reason: string
  /** What is wrong relation by relation; null where it was not got so far as to look at them. */
  readonly relations: readonly Refusal[] | null
}

export interface Drops {
  /** Looks at the manifest now, and loads what is new. Never rejects: what it meets is in `refused`. Ends on `close`. */
  refresh(): Promise<void>
  served(): Drop | null
  /** Rows of the drop that is being loaded, so far; null: none is. */
  loadedRows(): number | null
  /** Why the drop that lies in the directory is not served; null: it is, or is being loaded. */
  refused(): Refused | null
  /** Runs a reading of the drop; its file stays at least until then. */
  during<T>(drop: Drop, reading: Promise<T>): Promise<T>
  close(): Promise<void>
}

export interface DropsOptions {
  readonly directory: string
  readonly mappings: Mappings
  /** A private directory for the files that it makes. */
  readonly workDirectory: string
  /** Lets go of a file that nobody reads any more. */
  readonly release: (file: string) => Promise<void>
  /** Told once of each reason. */
  readonly onRefused: (refused: Refused) => void
  readonly log: Log
  readonly clock: Clock
  /** Most that the directory may take for an answer, in milliseconds. Default 10,000. */
  readonly answerMs?: number
  /** The text of a file of at most so many bytes; from the file system where none is given. */
  readonly readText?: (path: string, mostBytes: number) => Promise<string>
}

const MOST_MANIFEST_BYTES = 1_048_576
const ANSWER_MS = 10_000

/** A drop that is not what its manifest or its relations say. */
class RefusedDrop extends Error {
  readonly relations: readonly Refusal[]

  constructor(relations: readonly Refusal[]) {
    super(relations.map(({ reason }) => reason).join('; '))
    this.relations = relations
  }
}

export function createDrops(options: DropsOptions): Drops {
  const { directory, mappings, workDirectory, release, onRefused, log, clock } = options
  const { answerMs = ANSWER_MS, readText = smallText } = options
  const closing = new AbortController()
  const patience = createPatience({ directory, answerMs, signal: closing.signal })
  const readings = new Map<Drop, number>()
  let served: (Drop & { readonly manifest: string }) | null = null
  let refused: Refused | null = null
  /** What the drop looked like that was refused. Until it looks otherwise it is not read again. */
  let refusedState: string | null = null
  let underway: Promise<void> | null = null
  let loads = 0
  let loadedRows: number | null = null
  let newest = ''

  async function look(): Promise<void> {
    if (patience.isDue()) return
    let state: string | null = null
    try {
      const text = await patience.wait(readText(join(directory, MANIFEST), MOST_MANIFEST_BYTES))
      const isServed = text === served?.manifest && (await isThere(served.file))
      if (!isServed) {
        const manifest = parseManifest(text, mappings)
        if (liesAhead(manifest.asOf, clock.now()))
          throw new Error(
            `${MANIFEST}: asOf: is ${manifest.asOf}, which lies ahead; see to its offset and to both clocks`,
          )
        state = await patience.wait(stateOf({ directory, text, files: manifest.files, now: clock.now() }))
        if (state !== null && state === refusedState) return
        await load(text, manifest)
      }
      refused = null
      refusedState = null
    } catch (thrown) {
      if (closing.signal.aborted) return
      const error = ensureError(thrown)
      const relations = error instanceof RefusedDrop ? error.relations : null
      refusedState = relations === null ? null : state
      if (refused?.reason === error.message) return
      refused = { at: new Date(clock.now()).toISOString(), reason: error.message, relations }
      onRefused(refused)
    }
  }

  async function load(
    text: string,
    { asOf, files }: { readonly asOf: string; readonly files: readonly ManifestFile[] },
  ) {
    const started = clock.now()
    loads += 1
    const file = join(workDirectory, `${loads}.sqlite`)
    const relations = [...mappings].map(([{ system, name }, mapping]) => {
      return { system, name, mapping, files: files.filter(({ relation }) => relation === name) }
    })
    loadedRows = 0
    try {
      const order = { directory, path: file, isBackground: served !== null, relations }
      const { totals, refusals, bytes } = await loadDrop(order, {
        signal: closing.signal,
        onProgress(rows) {
          loadedRows = rows
        },
      })
      if (refusals.length > 0) throw new RefusedDrop(refusals)
      const [last, isFirst] = [served, served === null]
      served = { asOf, file, totals, manifest: text, newerBefore: asOf < newest ? newest : null }
      if (asOf < newest) log.warn({ asOf, newest }, 'a drop of extracts is older than one that was served before it')
      else newest = asOf
      if (last !== null && !readings.has(last)) void discard(last)
      const rows = [...totals.values()].reduce((sum, each) => sum + each.rows, 0)
      const facts = { asOf, rows, bytes, tookMs: clock.now() - started }
      log[isFirst ? 'debug' : 'info'](facts, 'a drop of extracts is served')
    } catch (thrown) {
      await rm(file, { force: true })
      throw thrown
    } finally {
      loadedRows = null
    }
  }

  async function discard({ file }: Drop): Promise<void> {
    await release(file)
    // What stays behind goes with the directory.
    await rm(file, { force: true }).catch(() => {})
  }

  return {
    refresh() {
      underway ??= look().finally(() => {
        underway = null
      })
      return underway
    },
    served: () => served,
    loadedRows: () => loadedRows,
    refused: () => refused,
    async during(drop, reading) {
      readings.set(drop, (readings.get(drop) ?? 0) + 1)
      try {
        return await reading
      } finally {
        const left = (readings.get(drop) ?? 1) - 1
        if (left > 0) readings.set(drop, left)
        else {
          readings.delete(drop)
          if (drop !== served) void discard(drop)
        }
      }
    },
    async close() {
      closing.abort()
      await underway
      served = null
    },
  }
}
