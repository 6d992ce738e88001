import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createGunzip } from 'node:zlib'
import { CommandFailure } from '../command.ts'
import { assertReadable, cannotBe } from '../input.ts'

/** The files of access logs, and their lines one after the other, however many and however long. Called by the report. */

export interface NumberedLine {
  /** From 1. */
  readonly number: number
  /** Null: it is longer than a line can be, or what follows cannot be read. */
  readonly text: string | null
}

const PACKED = '.gz'
/** Far longer than any line of an access log. */
const MAX_LINE_LENGTH = 262_144

/**
 * Files as they are named, and of each directory those that are called as logs are, in the order of their names. A file and
 * its compressed copy, as they stand side by side while it is made, are one.
 */
export async function logFilesIn(paths: readonly string[]): Promise<readonly string[]> {
  const files = await Promise.all(
    paths.map(async path => {
      const found = await stat(path).catch(cannotBe('read', path))
      return found.isDirectory() ? filesOf(path) : [path]
    }),
  )
  const all = files.flat()
  for (const file of all) await assertReadable(file)
  const whole = new Set(all)
  return [...whole].filter(file => !(file.endsWith(PACKED) && whole.has(file.slice(0, -PACKED.length))))
}

async function filesOf(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch(cannotBe('read', directory))
  const logs = names.filter(name => /\.jsonl(\.gz)?$/.test(name)).toSorted()
  if (logs.length === 0) throw new CommandFailure(`${directory}: has no file of an access log (*.jsonl, *.jsonl.gz)`)
  return logs.map(name => join(directory, name))
}

/** Separated by line feeds alone; the last one need not end with one. */
export async function* linesOf(file: string): AsyncGenerator<NumberedLine> {
  let rest = ''
  let isTooLong = false
  let number = 0
  try {
    for await (const chunk of textOf(file)) {
      const lines = chunk.split('\n')
      for (const [index, part] of lines.entries()) {
        if (isTooLong || rest.length + part.length > MAX_LINE_LENGTH) {
          isTooLong = true
          rest = ''
        } else rest += part
        if (index === lines.length - 1) break
        yield { number: ++number, text: isTooLong ? null : rest }
        rest = ''
        isTooLong = false
      }
    }
  } catch {
    // Damaged in its compression: the lines before are good.
    yield { number: number + 1, text: null }
    return
  }
  if (rest !== '' || isTooLong) yield { number: number + 1, text: isTooLong ? null : rest }
}

function textOf(file: string): AsyncIterable<string> {
  const bytes = createReadStream(file)
  if (!file.endsWith(PACKED)) return bytes.setEncoding('utf8')
  const unpacked = createGunzip()
  bytes.on('error', error => unpacked.destroy(error))
  return bytes.pipe(unpacked).setEncoding('utf8')
}
