import { randomBytes } from 'node:crypto'
import { open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { ensureError } from '../../model/errors.ts'
import { ConfigError } from '../../model/operator-file.ts'
import { SYSTEM_KEYS, type SystemKey } from '../../model/system.ts'
import type { Log } from '../../observe/log.ts'
import { SUSPENSION_CAUSES } from '../system-state.ts'
import type { KeptClosing, LocalClosing } from './live-state.ts'

/**
 * Keeps what an instance has closed and could not write into the journal yet, so that a stop while the journal is out of
 * reach does not open it again. A small file beside the checkpoints, written whole: each instance its own, so that none
 * writes over what another has seen, and each reads what all have left.
 */
export interface ClosingFile {
  /** What was left by the processes before, and is this one's from now on. Throws `ConfigError` for a file that cannot be read: it may say what is closed. */
  read(): Promise<readonly (LocalClosing & { readonly system: SystemKey })[]>
  /** Writes what is kept now, if that is not what is written; never rejects. */
  keep(closings: readonly KeptClosing[]): Promise<void>
}

const closingsSchema = z.array(
  z.strictObject({
    system: z.enum(SYSTEM_KEYS),
    cause: z.enum(SUSPENSION_CAUSES),
    reason: z.string(),
    distrustSince: z.iso.datetime().nullable(),
    seen: z.strictObject({ at: z.iso.datetime(), sequence: z.int().min(0) }),
  }),
)

/** `file`: how the files of all instances begin. */
export function createClosingFile(file: string, log: Pick<Log, 'error'>): ClosingFile {
  const own = `${file}-${randomBytes(4).toString('hex')}`
  let written = '[]'
  /** Files whose closings have become ours, by what they held; removed as soon as ours is written. */
  let taken: readonly { readonly path: string; readonly text: string }[] = []
  let turn: Promise<void> = Promise.resolve()

  async function write(text: string): Promise<void> {
    // Another instance that started may have taken ours, and found in it what was true then.
    const isThere = text === '[]' || (await readText(own)) === text
    if (text === written && isThere && taken.length === 0) return
    try {
      if (text === '[]') await rm(own, { force: true })
      else await replace(own, text)
      written = text
      // One that has been written to since is that of an instance that lives.
      for (const { path, text: held } of taken) if ((await readText(path)) === held) await rm(path, { force: true })
      taken = []
    } catch (thrown) {
      log.error(
        { file: own, error: ensureError(thrown) },
        'what is closed here could not be written down; it is tried again',
      )
    }
  }

  return {
    async read() {
      const found = await Promise.all((await filesOf(file)).map(readClosings))
      const there = found.filter(one => one !== null)
      taken = there.map(({ path, text }) => ({ path, text }))
      return there.flatMap(({ closings }) => closings)
    },
    keep(closings) {
      const text = JSON.stringify(
        closings.map(({ system, sequence, closing: { cause, reason, at, distrustSince } }) => ({
          system,
          cause,
          reason,
          distrustSince,
          seen: { at, sequence },
        })),
      )
      turn = turn.then(() => write(text))
      return turn
    },
  }
}

/** Of whichever instance. */
async function filesOf(file: string): Promise<readonly string[]> {
  const [directory, name] = [dirname(file), basename(file)]
  const names = await readdir(directory).catch(() => [])
  return names
    .filter(each => each === name || (each.startsWith(`${name}-`) && /^-[0-9a-f]{8}$/.test(each.slice(name.length))))
    .map(each => join(directory, each))
}

async function readClosings(path: string) {
  try {
    const text = await readFile(path, 'utf8')
    return { path, text, closings: closingsSchema.parse(JSON.parse(text)) }
  } catch (thrown) {
    const error = ensureError(thrown)
    // Another instance that starts has made it its own.
    if ('code' in error && error.code === 'ENOENT') return null
    throw new ConfigError(
      [
        `${path}: cannot be read, and may say which systems are closed: ${error.message}; repair it, or remove it knowingly`,
      ],
      { cause: error },
    )
  }
}

/** Null: it is not there. */
async function readText(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null)
}

async function replace(path: string, text: string): Promise<void> {
  const draft = `${path}.tmp`
  const handle = await open(draft, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(draft, path)
}
