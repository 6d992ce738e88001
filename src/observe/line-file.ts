import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { removeOldFiles } from './old-files.ts'

/**
 * Lines in files of a directory, each text whole in one file or not at all. A file has its name from the beginning and is
 * never renamed or opened again, so that no reader and no end of the process can come between. Synchronous, because
 * whoever adds waits for it. Called by the group commit; throws what the operating system refused.
 */
export interface LineFile {
  /** Adds whole lines. Where it throws, none of them is in the file, or the file is not written to any more. */
  append(text: string): void
  close(): void
}

export interface LineFileOptions {
  readonly directory: string
  /** Begins the name of each file; the time at which it was begun follows. */
  readonly name: string
  readonly maxFileBytes: number
  readonly maxFileMs: number
  /** Most files of this name. */
  readonly maxFiles: number
  /** Of all files in the directory that are called so, whoever wrote them, those whose last line is older go. */
  readonly keepMs: number
  /** Whether a text has to be on the disk itself. */
  readonly isSynced: boolean
  readonly now: () => number
}

const LINE_FILE_ENDING = '.jsonl'
/** Its group may read it: whoever ships it elsewhere need not be the gateway. */
const FILE_MODE = 0o640
const DIRECTORY_MODE = 0o750
const NEW = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_EXCL

interface OpenFile {
  readonly descriptor: number
  readonly path: string
  readonly beganMs: number
  bytes: number
}

/** Makes the directory, and shows that it can be written to. */
export function openLineFile(options: LineFileOptions): LineFile {
  const { directory, name, maxFileBytes, maxFileMs, isSynced, now } = options
  let file: OpenFile | null = null
  mkdirSync(directory, { recursive: true, mode: DIRECTORY_MODE })
  const probe = join(directory, `.${name}-${process.pid}`)
  closeSync(openSync(probe, 'w', FILE_MODE))
  rmSync(probe)

  function begin(): OpenFile {
    for (let beganMs = now(); ; beganMs++) {
      const path = join(directory, `${name}-${stampOf(beganMs)}${LINE_FILE_ENDING}`)
      try {
        return { descriptor: openSync(path, NEW, FILE_MODE), path, beganMs, bytes: 0 }
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown
      }
    }
  }

  function isToBeWritten({ descriptor, bytes, beganMs }: OpenFile, more: number): boolean {
    if (bytes > 0 && (bytes + more > maxFileBytes || now() - beganMs >= maxFileMs)) return false
    // What is added to a file that somebody has removed is lost.
    return fstatSync(descriptor).nlink > 0
  }

  function end(): void {
    if (file === null) return
    const { descriptor, path, bytes } = file
    file = null
    closeSync(descriptor)
    if (bytes === 0) rmSync(path, { force: true })
  }

  /** So that no half of a text stays, and nothing is added behind one. */
  function takeBack({ descriptor, bytes }: OpenFile): void {
    try {
      ftruncateSync(descriptor, bytes)
      // What could not be brought to the disk once is not known to be there if it succeeds later.
      if (isSynced) end()
    } catch {
      file = null
      closeSync(descriptor)
    }
  }

  return {
    append(text) {
      const bytes = Buffer.from(text)
      if (file !== null && !isToBeWritten(file, bytes.length)) end()
      const isNew = file === null
      file ??= begin()
      try {
        if (isNew && isSynced) syncDirectory(directory)
        // A short write is a disk that is nearly full: the next one says so.
        for (let at = 0; at < bytes.length; ) at += writeSync(file.descriptor, bytes, at)
        if (isSynced) fdatasyncSync(file.descriptor)
      } catch (thrown) {
        takeBack(file)
        throw thrown
      }
      file.bytes += bytes.length
      if (isNew) removeOldFiles({ ...options, current: file.path })
    },
    close: end,
  }
}

/** `20251007T090000000Z`: in the order of time, and fit for a name everywhere. */
function stampOf(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:.]/g, '')
}

/** A new file is on the disk once its directory is, which Windows sees to by itself. */
function syncDirectory(directory: string): void {
  if (process.platform === 'win32') return
  const descriptor = openSync(directory, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
