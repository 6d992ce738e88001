import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type LineFile, type LineFileOptions, openLineFile } from '../../src/observe/line-file.ts'

const DAY_MS = 86_400_000
let directory: string
let nowMs: number
let files: LineFile[]
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'line-file-'))
  nowMs = Date.now()
  files = []
})
afterEach(() => {
  for (const file of files) file.close()
  rmSync(directory, { recursive: true, force: true })
})

function open(options: Partial<LineFileOptions> = {}): LineFile {
  const file = openLineFile({
    directory,
    name: 'access-1',
    maxFileBytes: 100,
    maxFileMs: DAY_MS,
    maxFiles: 1_000,
    keepMs: 90 * DAY_MS,
    isSynced: false,
    now: () => nowMs,
    ...options,
  })
  files.push(file)
  return file
}

const run = (command: string, ...args: readonly string[]) => execFileSync(command, args)
const names = () => readdirSync(directory).toSorted()
const texts = () => names().map(name => readFileSync(join(directory, name), 'utf8'))
const line = (number: number) => `${String(number).padStart(29, '0')}\n`

test.each([[false], [true]])('no line is lost or split over the files, in order (synced: %s)', isSynced => {
  const file = open({ isSynced })
  const lines = Array.from({ length: 500 }, (_, number) => line(number))
  for (const each of lines) file.append(each)
  expect(texts().join('')).toBe(lines.join(''))
  for (const text of texts()) expect(text.length).toBeLessThanOrEqual(100)
  expect(texts().every(text => text.endsWith('\n'))).toBe(true)
})

test('what is longer than a file stands whole in one of its own', () => {
  const file = open()
  const long = `${'é'.repeat(300)}\n`
  file.append(line(1))
  file.append(long)
  file.append(line(2))
  expect(texts()).toEqual([line(1), long, line(2)])
})

test('a file that is old enough is followed by a new one, with the next line', () => {
  const file = open({ maxFileMs: 1_000 })
  file.append(line(1))
  nowMs += 999
  file.append(line(2))
  nowMs += 1
  file.append(line(3))
  expect(texts()).toEqual([line(1) + line(2), line(3)])
})

test('two that are called the same write into files of their own', () => {
  const [one, other] = [open(), open()]
  one.append(line(1))
  other.append(line(2))
  one.append(line(3))
  expect(texts()).toEqual([line(1) + line(3), line(2)])
})

test('a file that was never written to is not left behind, and what is there at the start is never touched', () => {
  open().append(line(1))
  open().close()
  expect(texts()).toEqual([line(1)])
})

test('files can be read by their group and by nobody else', () => {
  open().append(line(1))
  const [name = ''] = names()
  expect(statSync(join(directory, name)).mode & 0o777).toBe(0o640)
})

describe('of old files', () => {
  const stamp = (day: number) => `202401${String(day).padStart(2, '0')}T000000000Z`

  test('the oldest go where there are too many of this process, compressed ones too', () => {
    const old = [1, 2, 3].map(day => `access-1-${stamp(day)}.jsonl${day === 1 ? '.gz' : ''}`)
    for (const name of [...old, `access-2-${stamp(1)}.jsonl`]) writeFileSync(join(directory, name), '')
    open({ maxFiles: 3 }).append(line(1))
    expect(names()).toEqual([...old.slice(1), expect.stringMatching(/^access-1-2/), `access-2-${stamp(1)}.jsonl`])
  })

  test('those whose last line is too old go, whichever process wrote them, and no other file', () => {
    const [gone, kept, foreign] = [`access-2-${stamp(1)}.jsonl`, `access-3-${stamp(1)}.jsonl`, 'notes.jsonl']
    for (const name of [gone, kept, foreign]) writeFileSync(join(directory, name), '')
    const longAgo = new Date(nowMs - 91 * DAY_MS)
    for (const name of [gone, foreign]) utimesSync(join(directory, name), longAgo, longAgo)
    open().append(line(1))
    expect(names()).toEqual([expect.stringMatching(/^access-1-2/), kept, foreign])
  })
})

describe('where it cannot be written', () => {
  test('a file that somebody removed is not written to any more', () => {
    const file = open()
    file.append(line(1))
    rmSync(join(directory, names()[0] ?? ''))
    file.append(line(2))
    expect(texts()).toEqual([line(2)])
  })

  test('a directory that is gone is an error, until it is there again', () => {
    const file = open()
    file.append(line(1))
    rmSync(directory, { recursive: true })
    expect(() => file.append(line(2))).toThrow(/ENOENT/)
    mkdirSync(directory)
    file.append(line(3))
    expect(texts()).toEqual([line(3)])
  })

  test('a directory that cannot be made is an error at once', () => {
    writeFileSync(join(directory, 'file'), '')
    expect(() => open({ directory: join(directory, 'file', 'below') })).toThrow(/ENOTDIR/)
  })

  const onDisk = process.getuid?.() === 0 && process.platform === 'linux' ? test : test.skip
  onDisk(
    'of a text for which the disk has no room, nothing stays, and what fits then follows on what was there',
    () => {
      const disk = join(directory, 'disk')
      mkdirSync(disk)
      run('mount', '-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', disk)
      try {
        const file = open({ directory: disk, maxFileBytes: 1_000_000 })
        const first = 'a'.repeat(9_999)
        file.append(`${first}\n`)
        expect(() => file.append(`${'b'.repeat(9_999)}\n`)).toThrow(/ENOSPC/)
        file.append('c\n')
        const [name = '', ...more] = readdirSync(disk)
        expect(more).toEqual([])
        expect(readFileSync(join(disk, name), 'utf8')).toBe(`${first}\nc\n`)
        file.close()
      } finally {
        run('umount', disk)
      }
    },
  )
})
