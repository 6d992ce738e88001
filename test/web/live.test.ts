import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { createCatchUp } from '../../web/page/live/catch-up.ts'
import { followEvents } from '../../web/page/live/events.ts'
import { NotAnswered } from '../../web/page/live/refusals.ts'
import { nextAskMs, nextTryMs, retryAfterMs, spreadMs } from '../../web/page/live/waits.ts'

/** How an open page keeps up with the gateway, by a clock that is given, and with what can go wrong between the two. */
beforeEach(() => {
  jest.useFakeTimers({ now: 1_760_000_000_000 })
  jest.spyOn(Math, 'random').mockReturnValue(0.5)
})
afterEach(() => {
  jest.useRealTimers()
  jest.restoreAllMocks()
})

describe('a page waits', () => {
  test('longer each time, up to a bound, and never as long as the others', () => {
    const least = [0, 1, 2, 3, 20].map(failed => nextTryMs(failed, 0, 0))
    expect(least).toEqual([700, 1_400, 2_800, 5_600, 20_000])
    expect(nextTryMs(20, 0, 0.999)).toBeCloseTo(29_990)
  })

  test('at least as long as the gateway asks for, and not for ever', () => {
    expect([nextTryMs(0, 8_000, 0), nextTryMs(0, 8_000, 0.5)]).toEqual([8_000, 10_000])
    expect(nextTryMs(9, 8_000, 0)).toBe(20_000)
    expect(nextTryMs(0, 86_400_000, 0)).toBe(600_000)
  })

  test('for a part of a second before it asks what all others ask, too', () => {
    expect([spreadMs(0), spreadMs(0.5), spreadMs(0.999)]).toEqual([0, 500, 999])
    expect([nextAskMs(0), nextAskMs(0.5)]).toEqual([22_500, 30_000])
  })

  test.each([
    ['7', 7_000],
    ['Thu, 09 Oct 2025 08:53:50 GMT', 30_000],
    ['Thu, 09 Oct 2025 08:00:00 GMT', 0],
    ['soon', 0],
    [null, 0],
  ])('as Retry-After says: %s', (value, ms) => {
    const headers = new Headers(value === null ? {} : { 'retry-after': value })
    expect(retryAfterMs(headers, 1_760_000_000_000)).toBe(ms)
  })
})

describe('the stream of events', () => {
  /** What each attempt meets, the last one for good; and when they came, in milliseconds since the first. */
  function meeting(...answers: readonly (() => Response | Promise<Response>)[]) {
    const came: number[] = []
    const began = Date.now()
    jest.spyOn(globalThis, 'fetch').mockImplementation(async () => {
      came.push(Date.now() - began)
      return (answers[came.length - 1] ?? answers.at(-1))?.() ?? Response.error()
    })
    return came
  }

  function follow() {
    const lost: number[] = []
    const began = Date.now()
    const stop = followEvents({
      token: null,
      onEvent() {},
      onBegun() {},
      onAlive() {},
      onLost: () => lost.push(Date.now() - began),
      onRefused() {},
    })
    return { lost, [Symbol.dispose]: stop }
  }

  /** A stream that says this, and ends after so long. */
  const streaming = (text: string, livesMs: number) => () =>
    new Response(
      new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(text))
          setTimeout(() => controller.close(), livesMs)
        },
      }),
    )
  const refused =
    (status: number, headers: Readonly<Record<string, string>> = {}) =>
    () =>
      new Response('{}', { status, headers })

  test('is not asked for sooner than a refusal says', async () => {
    const came = meeting(refused(503, { 'retry-after': '40' }))
    using _ = follow()
    await jest.advanceTimersByTimeAsync(120_000)
    expect(came).toEqual([0, 50_000, 100_000])
  })

  test('is not asked for sooner than it said itself, in its last word on that', async () => {
    const came = meeting(streaming('retry: 4000\n\nevent: view\ndata: a\n\nretry: 8000\n\n', 20_000))
    using _ = follow()
    await jest.advanceTimersByTimeAsync(50_000)
    expect(came).toEqual([0, 30_000])
  })

  test('is sought with longer and longer waits where each one breaks at once, and soon where it had held', async () => {
    const brief = streaming(':\n\n', 100)
    const came = meeting(brief, brief, brief, streaming(':\n\n', 13_000), brief)
    using following = follow()
    await jest.advanceTimersByTimeAsync(30_000)
    const waits = came.slice(1, 5).map((ms, index) => ms - (following.lost[index] ?? 0))
    expect(waits).toEqual([1_750, 3_500, 7_000, 875])
  })
})

describe('a page keeps up', () => {
  function keepUp(isBehind: boolean, ask: (patience: AbortSignal) => Promise<void>) {
    const asked: number[] = []
    const connections: string[] = []
    const began = Date.now()
    const catchUp = createCatchUp({
      isBehind,
      ask(patience) {
        asked.push(Date.now() - began)
        return ask(patience)
      },
      onConnection: connection => connections.push(connection),
    })
    return { ...catchUp, asked, connections, [Symbol.dispose]: catchUp.stop }
  }
  const answered = async () => {}

  test('without a stream by asking from time to time, and does not call that live', async () => {
    using page = keepUp(false, answered)
    page.lost()
    await jest.advanceTimersByTimeAsync(61_000)
    // Each refusal of a stream is no reason to ask more often.
    page.lost()
    await jest.advanceTimersByTimeAsync(20_000)
    expect(page.asked).toEqual([500, 30_500, 60_500])
    expect(new Set(page.connections)).toEqual(new Set(['ASKING']))
  })

  test('by asking again where it got no answer, later and later, whether or not there is an event', async () => {
    let isDown = true
    using page = keepUp(false, async () => {
      if (isDown) throw new Error('no route')
    })
    page.begun()
    page.current()
    page.news()
    await jest.advanceTimersByTimeAsync(4_000)
    expect(page.asked).toEqual([500, 1_375, 3_125])
    expect(page.connections).toEqual(['LIVE', 'LOST', 'LOST', 'LOST'])
    isDown = false
    await jest.advanceTimersByTimeAsync(4_000)
    expect([page.asked.at(-1), page.connections.at(-1), page.isLive()]).toEqual([6_625, 'LIVE', true])
  })

  test('by asking no sooner than the gateway says that refuses', async () => {
    const busy = new Response(null, { status: 503, headers: { 'retry-after': '20' } })
    using page = keepUp(false, () => Promise.reject(new NotAnswered('busy', busy)))
    page.lost()
    await jest.advanceTimersByTimeAsync(30_000)
    expect(page.asked).toEqual([500, 25_500])
  })

  test('by giving up a question that is never answered, and asking again', async () => {
    const never = (patience: AbortSignal) =>
      new Promise<void>((_, reject) => patience.addEventListener('abort', () => reject(patience.reason)))
    using page = keepUp(false, never)
    page.begun()
    await jest.advanceTimersByTimeAsync(22_000)
    expect([page.asked, page.connections]).toEqual([[500, 21_375], ['LOST']])
  })

  test('with what is told while it asks by asking once more', async () => {
    const answers: (() => void)[] = []
    using page = keepUp(true, () => new Promise(resolve => answers.push(resolve)))
    page.begun()
    await jest.advanceTimersByTimeAsync(10)
    page.news()
    page.news()
    answers[0]?.()
    await jest.advanceTimersByTimeAsync(2_000)
    expect(page.asked).toEqual([0, 510])
    answers[1]?.()
    await jest.advanceTimersByTimeAsync(120_000)
    expect([page.asked.length, page.isLive()]).toEqual([2, true])
  })

  test('with one question where it begins behind, and without waiting for a stream that does not come', async () => {
    using quick = keepUp(true, answered)
    await jest.advanceTimersByTimeAsync(100)
    quick.begun()
    await jest.advanceTimersByTimeAsync(60_000)
    expect([quick.asked, quick.connections]).toEqual([[100], ['LIVE']])
    using slow = keepUp(true, answered)
    await jest.advanceTimersByTimeAsync(1_000)
    expect([slow.asked, slow.connections]).toEqual([[300], ['ASKING']])
  })

  test('by asking nothing where a stream says that it has what there is', async () => {
    using page = keepUp(false, answered)
    page.begun()
    page.current()
    await jest.advanceTimersByTimeAsync(120_000)
    expect([page.asked, page.connections]).toEqual([[], ['LIVE']])
  })
})
