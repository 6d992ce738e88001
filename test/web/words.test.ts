import { describe, expect, test } from '@jest/globals'
import { LIFECYCLES } from '../../src/model/system.ts'
import { readEvents } from '../../web/page/live/event-stream.ts'
import { newsBetween } from '../../web/page/live/news.ts'
import { durationText, instantText } from '../../web/page/times.ts'
import type { StatusView } from '../../web/page/view.ts'
import { ROAD, stageOf, standingOf } from '../../web/page/words.ts'

describe('the page in words', () => {
  test('has words for every state of a system', () => {
    for (const lifecycle of LIFECYCLES) expect(stageOf(lifecycle).meaning).not.toBe('')
    expect([...ROAD, 'SUSPENDED'].toSorted()).toEqual([...LIFECYCLES].toSorted())
  })

  test.each([
    [true, 'Open to you'],
    [false, 'Open to others first, not to you yet'],
    [null, 'Open to a first group'],
  ])('says of a limited opening whether it is the reader’s: %s', (answersViewer, words) => {
    expect(standingOf({ lifecycle: 'LIMITED_OPEN', componentStatus: 'PARTIAL_OUTAGE', answersViewer })).toBe(words)
  })

  test.each([
    ['P28DT6H', '28 days 6 hours'],
    ['PT24H', '24 hours'],
    ['P1M', '1 month'],
    ['PT1M', '1 minute'],
    ['P2W', '2 weeks'],
    ['PT0S', '0 seconds'],
  ])('says how long %s is', (duration, words) => expect(durationText(duration)).toBe(words))

  test('names the zone of an instant', () => {
    expect(instantText('2025-10-08T16:00:00.000Z', 'UTC')).toBe('8 October 2025, 16:00 UTC')
    expect(instantText('2025-10-08T23:30:00.000Z', 'Europe/London')).toBe('9 October 2025, 00:30 BST')
  })

  test('tells what has changed, and nothing where nothing has', () => {
    const view = (lifecycle: string, updates: readonly string[]) =>
      ({
        viewer: null,
        restartStatus: {
          systems: [{ key: 'PARTS_LOGISTICS', name: 'Parts logistics', lifecycle, answersViewer: null }],
          updates: { edges: updates.map(id => ({ node: { id, title: `Title of ${id}` } })) },
        },
      }) as unknown as StatusView
    expect(newsBetween(view('OPEN', ['a']), view('OPEN', ['a']))).toBe('')
    expect(newsBetween(view('OPEN', ['a']), view('SUSPENDED', ['b', 'a']))).toBe(
      'Parts logistics: closed again. New update: Title of b.',
    )
  })
})

test('events are read however they are cut into pieces, comments left out', async () => {
  const text = 'retry: 2000\n\nevent: view\ndata: W/"a"\n\n:\n\nevent: changed\r\ndata: {}\r\n\r\n'
  for (const size of [1, 7, text.length]) {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        const bytes = new TextEncoder().encode(text)
        for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.subarray(at, at + size))
        controller.close()
      },
    })
    const events = []
    const retries: number[] = []
    for await (const event of readEvents(body, { onRetry: ms => retries.push(ms) })) events.push(event)
    expect(retries).toEqual([2_000])
    expect(events).toEqual([
      { name: 'view', data: 'W/"a"' },
      { name: 'changed', data: '{}' },
    ])
  }
})
