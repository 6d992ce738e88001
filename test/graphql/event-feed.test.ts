import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createEventFeed, FeedOverflow } from '../../src/graphql/subscriptions/event-feed.ts'

function feedOf(max: number) {
  let endings = 0
  const feed = createEventFeed<number>({ max, onEnd: () => endings++ })
  return { ...feed, endings: () => endings }
}

describe('a feed', () => {
  test('gives every event once and in order, whether it was pushed before or after it was asked for', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 40 }), async steps => {
        const { push, events } = feedOf(100)
        const read: Promise<IteratorResult<number>>[] = []
        let pushed = 0
        for (const isPush of [...steps, ...steps.map(isPush => !isPush)]) {
          if (isPush) push(pushed++)
          // One at a time, as a reader must: it waits for nothing yet.
          else if (read.length <= pushed) read.push(events.next())
        }
        while (read.length < pushed) read.push(events.next())
        const values = (await Promise.all(read.slice(0, pushed))).map(({ value }) => value)
        expect(values).toEqual(Array.from({ length: pushed }, (_, index) => index))
      }),
    ))

  test('ends with more than may wait, at once and for its reader as well, and keeps nothing', async () => {
    const { push, events, endings } = feedOf(2)
    for (const event of [1, 2]) push(event)
    expect(endings()).toBe(0)
    push(3)
    expect(endings()).toBe(1)
    await expect(events.next()).rejects.toBeInstanceOf(FeedOverflow)
  })

  test('has room again for what was read', async () => {
    const { push, events, endings } = feedOf(1)
    for (const event of [1, 2, 3]) {
      push(event)
      expect((await events.next()).value).toBe(event)
    }
    expect(endings()).toBe(0)
  })

  test('ends once when its reader returns, who is not left waiting, and takes nothing more', async () => {
    const { push, events, endings } = feedOf(10)
    const waiting = events.next()
    await events.return?.()
    await events.return?.()
    push(1)
    expect([await waiting, await events.next(), endings()]).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
      1,
    ])
  })

  test('has one reader, which waits for one event at a time', async () => {
    const { events } = feedOf(1)
    void events.next()
    await expect(events.next()).rejects.toThrow('one reader')
  })
})
