import { expect, test } from '@jest/globals'
import { createCommittedLines } from '../../src/observe/committed-lines.ts'
import { createCounters } from '../../src/observe/counters.ts'

const turn = () => new Promise(resolve => setImmediate(resolve))

/** Lines over a file that can be made to fail; `events` has what was written and who was let go, in order. */
function start() {
  const events: string[] = []
  const logged: string[] = []
  let isFull = false
  const lines = createCommittedLines({
    file: {
      append(text) {
        if (isFull) throw new Error('full')
        events.push(`wrote ${text}`)
      },
      close: () => void events.push('closed'),
    },
    wordGap: ({ missing }) => `missing ${missing}`,
    now: () => 0,
    log: {
      error: (_, message) => void logged.push(`error: ${message}`),
      warn: (_, message) => void logged.push(`warn: ${message}`),
    },
    counters: createCounters(),
    retryMs: 1,
  })
  const fill = (full: boolean) => {
    isFull = full
  }
  const write = (line: string) =>
    lines.write(line, { release: isWritten => void events.push(`${line} ${isWritten ? 'goes' : 'is cut'}`) })
  return { lines, events, logged, write, fill }
}

test('lines of one turn are one write, and all go once it is done', async () => {
  const { events, write, lines } = start()
  write('a')
  lines.write('b', null)
  write('c')
  expect(events).toEqual([])
  await turn()
  expect(events).toEqual(['wrote abc', 'a goes', 'c goes'])
})

test('what is told to be written now does not wait for the end of the turn, and is written once', async () => {
  const { events, write, lines } = start()
  write('a')
  lines.flush()
  await turn()
  expect(events).toEqual(['wrote a', 'a goes'])
})

test('while they cannot be written all are cut; then the first line says how many are missing', async () => {
  const { events, logged, write, lines, fill } = start()
  fill(true)
  write('a')
  await turn()
  write('b')
  lines.write('c', null)
  await turn()
  expect(events).toEqual(['a is cut', 'b is cut'])
  expect(lines.health().failingSince).toBe('1970-01-01T00:00:00.000Z')
  expect(lines.gauges.flatMap(({ read }) => read())).toEqual([{ value: 1 }])
  fill(false)
  while (lines.health().failingSince !== null) await turn()
  write('d')
  await turn()
  expect(events.slice(2)).toEqual(['wrote missing 3', 'wrote d', 'd goes'])
  expect(logged).toEqual([
    'error: the access log cannot be written: no answer leaves until it can',
    'warn: the access log is written again',
  ])
})

test('what is missing at the end is told of, where that can be written by then', async () => {
  const { events, write, lines, fill } = start()
  fill(true)
  write('a')
  await turn()
  fill(false)
  lines.close()
  expect(events).toEqual(['a is cut', 'wrote missing 1', 'closed'])
})

test('what still waits at the end is written before the file is let go', () => {
  const { events, write, lines } = start()
  write('a')
  lines.close()
  expect(events).toEqual(['wrote a', 'a goes', 'closed'])
})
