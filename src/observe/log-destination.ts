import { writeSync } from 'node:fs'
import { isatty } from 'node:tty'

/**
 * Where the log's lines go: standard error as a rule. A terminal gets each line at once; anything else gets what has
 * gathered for a few milliseconds, many lines in one write, so that no line costs a system call of its own. What is lost
 * by `kill -9`, or by a signal that nobody handles, is those milliseconds; any other end writes all lines. Made once by
 * the log; never throws and never waits for its reader, so that no request does.
 */
export interface LogDestination {
  /** Takes one line, its newline included. */
  write(line: string): void
}

export interface GatheringDestinationOptions {
  readonly descriptor: number
  /** Most characters that wait for a reader who stalls; further lines are dropped, counted and told of. */
  readonly maxWaiting: number
  /** Words the line that says how many were dropped, its newline included. */
  readonly tellDropped: (lines: number) => string
  /** Has this called when the process ends. */
  readonly onExit: (flush: () => void) => void
}

/** 16 Mi characters: about 50,000 lines. */
const MAX_WAITING = 16_777_216
const GATHER_MS = 5
/** Until a reader that takes nothing is tried again. */
const RETRY_MS = 20
/** How often in a row, at the end of the process: for two seconds. */
const LAST_TRIES = 100
/** PIPE_BUF of Linux: so many bytes go into a pipe whole, though other processes write into it too. */
const CHUNK_LENGTH = 4_096

export function createLogDestination(tellDropped: (lines: number) => string): LogDestination {
  const { fd: descriptor } = process.stderr
  // Looking at the stream has also made a pipe refuse what it has no room for, where it would have kept us waiting.
  if (isatty(descriptor)) return process.stderr
  const onExit = (flush: () => void) => void process.once('exit', flush)
  return createGatheringDestination({ descriptor, maxWaiting: MAX_WAITING, tellDropped, onExit })
}

/** Whole lines, of about the length of a chunk. */
interface Chunk {
  text: string
  lines: number
}

export function createGatheringDestination(options: GatheringDestinationOptions): LogDestination {
  const { descriptor, maxWaiting, tellDropped, onExit } = options
  let chunks: Chunk[] = []
  let waiting = 0
  let dropped = 0
  /** What the reader has left of the chunk before. */
  let rest: { readonly bytes: Buffer; readonly lines: number } | null = null
  let isTimed = false

  function add(line: string): void {
    const last = chunks.at(-1)
    if (last === undefined || last.text.length + line.length > CHUNK_LENGTH) chunks.push({ text: line, lines: 1 })
    else {
      last.text += line
      last.lines += 1
    }
    waiting += line.length
  }

  /** Whether everything was written; false: the reader has no room. */
  function flush(): boolean {
    let taken = 0
    try {
      if (rest !== null) rest = afterWriting(rest.bytes, rest.lines)
      for (const { text, lines } of chunks) {
        if (rest !== null) break
        rest = afterWriting(Buffer.from(text), lines)
        waiting -= text.length
        taken += 1
      }
      chunks.splice(0, taken)
      if (rest !== null) return false
      if (dropped === 0) return true
      add(tellDropped(dropped))
      dropped = 0
      return flush()
    } catch {
      // A reader that is gone, or a full disk: nobody can be told now, and requests are answered all the same.
      dropped += chunks.slice(taken).reduce((lines, chunk) => lines + chunk.lines, rest?.lines ?? 0)
      chunks = []
      waiting = 0
      rest = null
      return true
    }
  }

  /** Gives what there was no room for, if anything. */
  function afterWriting(bytes: Buffer, lines: number): typeof rest {
    try {
      const count = writeSync(descriptor, bytes)
      return count === bytes.length ? null : { bytes: bytes.subarray(count), lines }
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'EAGAIN') return { bytes, lines }
      throw thrown
    }
  }

  function flushOrRetry(): void {
    isTimed = false
    if (!flush()) flushIn(RETRY_MS)
  }

  // No timer keeps the process: what is left is written at its end.
  function flushIn(delayMs: number): void {
    isTimed = true
    setTimeout(flushOrRetry, delayMs).unref()
  }

  onExit(() => {
    for (let tries = 0, left = waiting; !flush() && tries < LAST_TRIES; tries++) {
      if (waiting < left) tries = 0
      left = waiting
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS)
    }
  })

  return {
    write(line) {
      if (waiting + line.length > maxWaiting) {
        dropped += 1
        return
      }
      add(line)
      if (!isTimed) flushIn(GATHER_MS)
    },
  }
}
