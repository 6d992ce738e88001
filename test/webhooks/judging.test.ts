import { expect, test } from '@jest/globals'
import { judge } from '../../src/webhooks/judging.ts'
import { testNews } from '../../src/webhooks/news.ts'
import type { Claim, News } from '../../src/webhooks/outbox.ts'

const NEWS: News = { subject: 'system PARTS_LOGISTICS', id: 'msg_1', digest: 'open', changedMs: 5, body: '{}' }
const claimOf = (news: News, told: Claim['told']): Claim => {
  const { subject, id, body } = news
  return { endpoint: 'one', lease: 'a lease', subject, id, body, attempts: 0, told }
}
const bulletin = { sequence: 9, news: [NEWS], horizonMs: null }
const told = { sequence: 9, changedMs: 5, digest: 'open' }

test('what its partner may read, as it was told, is sent; what it may not read is not', () => {
  expect(judge(claimOf(NEWS, told), bulletin)).toBe('sendable')
  expect(judge(claimOf({ ...NEWS, subject: 'update 1' }, told), bulletin)).toBe('withdrawn')
  expect(judge(claimOf(NEWS, { ...told, digest: 'closed' }), bulletin)).toBe('overtaken')
})

test('what nobody knows to have been told is not sent, whatever it is of; a test is', () => {
  expect(judge(claimOf(NEWS, null), bulletin)).toBe('withdrawn')
  expect(judge(claimOf({ ...NEWS, subject: 'update 1' }, null), bulletin)).toBe('withdrawn')
  expect(judge(claimOf(testNews('one', 5), null), bulletin)).toBe('sendable')
})
