import { open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ConfigError } from '../../model/operator-file.ts'

/**
 * The file that checkpoints are exported to: one compact JWS a line, the newest last. It is only ever appended to, so
 * it can be shipped line by line and lie on storage that forbids anything else. Keep a copy where the database's owner cannot reach it.
 */

/** The newest checkpoint of a file; null: there is no file or none in it. A last line without its end was never finished. */
export async function readLastCheckpoint(file: string): Promise<string | null> {
  try {
    const text = await readFile(file, 'utf8')
    const finished = text.slice(0, text.lastIndexOf('\n') + 1)
    return finished.trimEnd().split('\n').at(-1) || null
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new ConfigError([`${file}: the checkpoints of the journal cannot be read`], { cause: thrown })
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
