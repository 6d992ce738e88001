import { availableParallelism, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { createBackoff } from '../../src/commands/serving/backoff.ts'
import { createQuestions } from '../../src/commands/serving/questions.ts'
import { assertFitForWorkers, parseWorkerCount, roomHere, workersIn } from '../../src/commands/serving/worker-count.ts'
import { loadConfig } from '../../src/config/load-config.ts'

const EMBEDDED = fileURLToPath(new URL('../../config/embedded.yaml', import.meta.url))

describe('the number of workers', () => {
  const BOUND = 700
  const roomFor = (cores: number, reloads: number) => ({ cores, memoryBytes: reloads * 2 * BOUND })

  test('is one from 1 to 64, or left to the room that there is', () => {
    expect(['1', '9', '64', 'auto'].map(text => parseWorkerCount(text))).toEqual([1, 9, 64, 'auto'])
    const { cores, memoryBytes } = roomHere()
    expect([cores, memoryBytes]).toEqual([availableParallelism(), expect.any(Number)])
    expect(memoryBytes).toBeGreaterThan(0)
    expect(memoryBytes).toBeLessThanOrEqual(totalmem())
  })

  test.each([
    ['a core for each', roomFor(6, 100), 6, false],
    ['more cores than are used', roomFor(200, 200), 64, false],
    ['memory for fewer than cores, twice at a reload', roomFor(16, 4.4), 4, false],
    ['memory for one alone', roomFor(16, 1), 1, false],
    ['memory for none', roomFor(16, 0.7), 1, true],
  ])('is of auto, with %s', (_, room, count, isTight) => {
    expect(workersIn(room, 'auto', BOUND)).toEqual({ count, isTight })
  })

  test('is as it is asked for, and known to be too many where a reload would take more memory than there is', () => {
    expect(workersIn(roomFor(2, 4), 4, BOUND)).toEqual({ count: 4, isTight: false })
    expect(workersIn(roomFor(2, 3.9), 4, BOUND)).toEqual({ count: 4, isTight: true })
  })

  test.each(['0', '65', '-1', '1.5', '2x', '', 'all', '01'])('is not %j', text =>
    expect(() => parseWorkerCount(text)).toThrow('--workers must be a number from 1 to 64, or auto'),
  )

  test('is none for the embedded default, however few', async () => {
    const config = await loadConfig(EMBEDDED, {})
    for (const count of [1, 2])
      expect(() => assertFitForWorkers(config, EMBEDDED, count)).toThrow(
        `${EMBEDDED}: embedded: its databases are of one process; --workers needs a configuration without it`,
      )
  })
})

test('workers that die at once are started ever more slowly, and after a calm at once again', () => {
  const clock = { nowMs: 0, now: () => clock.nowMs }
  const backoff = createBackoff({ clock, firstMs: 100, mostMs: 1_000, calmMs: 60_000 })
  const next = () => {
    const delayMs = backoff.nextMs()
    clock.nowMs += delayMs
    return delayMs
  }
  expect([next(), next(), next(), next(), next(), next()]).toEqual([100, 200, 400, 800, 1_000, 1_000])
  clock.nowMs += 60_000
  expect(next()).toBe(1_000)
  clock.nowMs += 60_001
  expect(next()).toBe(100)
})

test('a question has the answer of its number, and none where nobody could be asked or nobody answers', async () => {
  const questions = createQuestions(20)
  const asked: number[] = []
  const put = (question: number) => asked.push(question) > 0
  const [first, second] = [questions.ask(put), questions.ask(put)]
  questions.answer(asked[1] ?? 0, 'of the second')
  expect(await second).toBe('of the second')
  expect(await first).toBeNull()
  expect(await questions.ask(() => false)).toBeNull()
  questions.answer(asked[0] ?? 0, 'too late')
})
