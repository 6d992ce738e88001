import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { createBackoff } from '../../src/commands/serving/backoff.ts'
import { createQuestions } from '../../src/commands/serving/questions.ts'
import { assertFitForWorkers, parseWorkerCount } from '../../src/commands/serving/worker-count.ts'
import { loadConfig } from '../../src/config/load-config.ts'

const EMBEDDED = fileURLToPath(new URL('../../config/embedded.yaml', import.meta.url))

describe('the number of workers', () => {
  test('is one from 1 to 64, or one for each core', () => {
    expect(['1', '9', '64'].map(text => parseWorkerCount(text))).toEqual([1, 9, 64])
    expect([parseWorkerCount('auto', () => 6), parseWorkerCount('auto', () => 200)]).toEqual([6, 64])
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
