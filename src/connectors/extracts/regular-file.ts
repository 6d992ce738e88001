import { createHash, type Hash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'

/** Reads the files of a drop, each once and in chunks. Called by `drops.ts` and by the thread that loads. Opens for reading only. */

/** Opened without blocking, so that a pipe in the place of a file is refused and not waited for. */
async function openRegular(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  if ((await file.stat()).isFile()) return file
  await file.close()
  throw new Error(`${basename(path)}: not a file`)
}

const CHUNK_BYTES = 262_144

async function* chunksOf(path: string): AsyncGenerator<Uint8Array, void> {
  const file = await openRegular(path)
  try {
    yield* file.createReadStream({ autoClose: false, highWaterMark: CHUNK_BYTES })
  } finally {
    await file.close()
  }
}

/** A whole text file of at most so many bytes. */
export async function smallText(path: string, mostBytes: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of chunksOf(path)) {
    bytes += chunk.length
    if (bytes > mostBytes) throw new Error(`${basename(path)}: has more than ${mostBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** SHA-256 in hexadecimal. */
export async function digestOf(path: string): Promise<string> {
  const digest = createHash('sha256')
  for await (const chunk of chunksOf(path)) digest.update(chunk)
  return digest.digest('hex')
}

/** The text of a file; `digest` takes the very bytes it is made of. Refuses what is not UTF-8. */
export async function* textsOf(path: string, digest: Hash): AsyncGenerator<string, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const decode = (chunk: Uint8Array, stream: boolean) => {
    try {
      return decoder.decode(chunk, { stream })
    } catch {
      throw new Error(`${basename(path)}: not UTF-8`)
    }
  }
  for await (const chunk of chunksOf(path)) {
    digest.update(chunk)
    yield decode(chunk, true)
  }
  yield decode(new Uint8Array(), false)
}
