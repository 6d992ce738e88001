import { open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ConfigError } from '../../model/operator-file.ts'
import { readCheckpoint } from './checkpoint.ts'

/**
 * The file that checkpoints are exported to: one compact JWS a line, the newest last. It is only ever appended to, so
 * it can be shipped line by line and lie on storage that forbids anything else. Keep a copy where the database's owner cannot reach it.
 * Several instances may add to one file: each line goes in whole, and of two that are made at once the order says nothing.
 */

/** Lines that may stand behind one that covers more: more instances than this do not write at the same moment. */
const UNORDERED_LINES = 100

/**
 * The newest checkpoint of a file: of its last lines the one that covers most, or the last one where that is none. Null:
 * there is no file or none in it. A last line without its end was never finished.
 */
export async function readLastCheckpoint(file: string): Promise<string | null> {
  try {
    const text = await readFile(file, 'utf8')
    const finished = text.slice(0, text.lastIndexOf('\n') + 1)
    return newestOf(finished.trimEnd().split('\n').slice(-UNORDERED_LINES))
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new ConfigError([`${file}: the checkpoints of the journal cannot be read`], { cause: thrown })
  }
}

function newestOf(lines: readonly string[]): string | null {
  const sizes = lines.map(sizeOf)
  // What is no checkpoint is for the reader to refuse, not to be passed over.
  const newest = sizes.at(-1) === null ? -1 : sizes.lastIndexOf(Math.max(...sizes.map(size => size ?? 0)))
  return lines.at(newest) || null
}

/** Entries that a line covers; null: it is no checkpoint. */
function sizeOf(line: string): number | null {
  try {
    return readCheckpoint(line).size
  } catch {
    return null
  }
}

/** Adds a checkpoint; it is on the disk when this resolves. */
export async function appendCheckpoint(file: string, token: string): Promise<void> {
  const handle = await open(file, 'a+', 0o644)
  try {
    const { size } = await handle.stat()
    const { buffer } = await handle.read({ buffer: Buffer.alloc(1), position: Math.max(0, size - 1) })
    const start = size === 0 || buffer.toString() === '\n' ? '' : '\n'
    await handle.appendFile(`${start}${token}\n`)
    await handle.sync()
    if (size === 0) await syncDirectory(dirname(file))
  } finally {
    await handle.close()
  }
}

/** A new file outlives a power cut only once its directory is on the disk too. Windows opens no directories. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
