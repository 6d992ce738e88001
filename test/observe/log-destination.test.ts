import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'

const WRITER = fileURLToPath(new URL('log-writer.ts', import.meta.url))
const LINES = 20_000

interface Line {
  readonly number?: number
  readonly dropped?: number
}

function start(args: readonly (string | number)[], stderr: 'pipe' | number = 'pipe') {
  const child = spawn(process.execPath, [WRITER, ...args.map(String)], { stdio: ['pipe', 'pipe', stderr] })
  return { child, code: codeOf(child) }
}

function codeOf(child: ChildProcess): Promise<number | null> {
  return new Promise(resolve => child.once('close', resolve))
}

function linesIn(said: string): readonly Line[] {
  const log = said.split('\n').filter(line => line.startsWith('{'))
  return log.map(line => JSON.parse(line) as Line)
}

/** Every line once, in the order in which they were written. */
function expectAll(said: string, count = LINES): void {
  const numbers = linesIn(said).map(({ number = -1 }) => number)
  expect(numbers).toEqual(Array.from({ length: count }, (_, index) => index))
}

describe('no line is lost where a process', () => {
  test.each([
    ['natural', 0],
    ['exit', 7],
    ['later exit', 7],
    ['fatal', 1],
  ])('has the end: %s', async (ending, code) => {
    const { child, code: ended } = start([ending, LINES])
    if (child.stderr === null) throw new Error('the process has no standard error')
    const said = await text(child.stderr)
    expect(await ended).toBe(code)
    expectAll(said)
  })

  test('writes to a file', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'log-'))
    const file = join(directory, 'log')
    const descriptor = openSync(file, 'a')
    try {
      expect(await start(['exit', LINES], descriptor).code).toBe(7)
      expectAll(readFileSync(file, 'utf8'))
    } finally {
      closeSync(descriptor)
      rmSync(directory, { recursive: true })
    }
  })
})

test('what a reader who stalls cannot be given is dropped, counted and told of, and the rest is whole', async () => {
  const { child, code } = start(['again', LINES, 100_000])
  const { stdin, stdout, stderr } = child
  if (stdin === null || stdout === null || stderr === null) throw new Error('the process has no streams')
  await new Promise(resolve => stdout.once('data', resolve))
  stdin.write('go on')
  const lines = linesIn(await text(stderr))
  expect(await code).toBe(0)
  const written = lines.filter(({ number }) => number !== undefined).length
  const dropped = lines.reduce((sum, line) => sum + (line.dropped ?? 0), 0)
  expect(dropped).toBeGreaterThan(0)
  expect(written + dropped).toBe(2 * LINES)
})

test('a reader who leaves neither ends the process nor keeps it', async () => {
  const { child, code } = start(['again', LINES])
  child.stderr?.destroy()
  if (child.stdout === null) throw new Error('the process has no standard output')
  await new Promise(resolve => child.stdout?.once('data', resolve))
  child.stdin?.write('go on')
  expect(await code).toBe(0)
})
