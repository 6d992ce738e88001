import { beforeEach, expect, test } from '@jest/globals'
import { createAnnouncing } from '../../src/webhooks/announcing.ts'
import type { Endpoint } from '../../src/webhooks/endpoint.ts'
import type { RestartReading } from '../../src/webhooks/news.ts'
import { type LogLine, quietLog } from '../connectors/quiet-log.ts'

/** What is queued when something on the way to the outbox fails. */

const endpointOf = (id: string): Endpoint => ({ id, key: id, partner: id, url: 'https://dms.example/', sign: () => '' })
const READING: RestartReading = { sequence: 7, systems: [], updates: [], horizon: null }

let told: string[]
let failing: Set<string>
let lines: LogLine[]
let news: number
beforeEach(() => {
  told = []
  failing = new Set()
  lines = []
  news = 0
})

function announcing(readAs: (partner: string) => Promise<RestartReading | null> = async () => READING) {
  return createAnnouncing({
    endpoints: ['a', 'b'].map(endpointOf),
    readers: { mayRead: () => true, readAs },
    outbox: {
      async tell(endpoint) {
        if (failing.has(endpoint)) throw new Error('connect ECONNREFUSED')
        told.push(endpoint)
        return endpoint === 'b' ? 1 : 0
      },
    },
    now: () => 0,
    onNews: () => {
      news += 1
    },
    log: quietLog(lines),
  })
}

test('nothing is queued before anything was noted, and everything once for what was', async () => {
  const own = announcing()
  await own.settle()
  expect(told).toEqual([])
  own.note()
  own.note()
  await Promise.all([own.settle(), own.settle()])
  await own.settle()
  expect([told, news]).toEqual([['a', 'b'], 1])
})

test('an endpoint that could not be told is told with the next look, and the others do not wait for it', async () => {
  const own = announcing()
  failing.add('a')
  own.note()
  await own.settle()
  await own.settle()
  expect(told).toEqual(['b'])
  failing.clear()
  await own.settle()
  await own.settle()
  expect(told).toEqual(['b', 'a'])
  // Said once, however often it is tried.
  expect(lines.map(({ message }) => message)).toEqual([
    'webhooks cannot be queued; trying again',
    'webhooks are queued again',
  ])
})

test('what is noted while it is under way is told too', async () => {
  const own = announcing(async partner => {
    if (told.length === 0 && partner === 'a') own.note()
    return READING
  })
  own.note()
  await own.settle()
  await own.settle()
  expect(told).toEqual(['a', 'b', 'a', 'b'])
})

test('a partner that may read nothing is told nothing', async () => {
  const own = announcing(async partner => (partner === 'a' ? null : READING))
  own.note()
  await own.settle()
  expect([told, lines]).toEqual([['b'], []])
})
