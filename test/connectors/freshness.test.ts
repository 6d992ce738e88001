import { expect, test } from '@jest/globals'
import { createFreshness } from '../../src/connectors/freshness.ts'

function fixture() {
  let now = 1_000
  const fetches: { signal: AbortSignal; resolve: (asOf: string) => void; reject: (reason: Error) => void }[] = []
  const fetch = (signal: AbortSignal) =>
    new Promise<string>((resolve, reject) => {
      fetches.push({ signal, resolve, reject })
    })
  const move = (ms: number) => {
    now += ms
  }
  return { freshness: createFreshness(fetch, { now: () => now }), fetches, move }
}

const signal = new AbortController().signal

test('callers at the same time share one fetch, and those of the next second its answer', async () => {
  const { freshness, fetches, move } = fixture()
  const answers = Promise.all([freshness(signal), freshness(signal), freshness(signal)])
  fetches[0]?.resolve('2025-10-08T05:30:00.000Z')
  expect(new Set(await answers)).toEqual(new Set(['2025-10-08T05:30:00.000Z']))
  move(999)
  expect(await freshness(signal)).toBe('2025-10-08T05:30:00.000Z')
  expect(fetches).toHaveLength(1)
})

test('an answer is a second old when it was asked for a second ago, however late it came', async () => {
  const { freshness, fetches, move } = fixture()
  const first = freshness(signal)
  move(1_000)
  fetches[0]?.resolve('2025-10-08T05:30:00.000Z')
  await first
  const second = freshness(signal)
  fetches[1]?.resolve('2025-10-08T05:31:00.000Z')
  expect(await second).toBe('2025-10-08T05:31:00.000Z')
})

test('a clock that is set back does not keep an answer', async () => {
  const { freshness, fetches, move } = fixture()
  const first = freshness(signal)
  fetches[0]?.resolve('2025-10-08T05:30:00.000Z')
  await first
  move(-500)
  void freshness(signal).catch(() => {})
  expect(fetches).toHaveLength(2)
})

test('a failure reaches all who waited for it and nobody after', async () => {
  const { freshness, fetches } = fixture()
  const waiting = Promise.allSettled([freshness(signal), freshness(signal)])
  fetches[0]?.reject(new Error('down'))
  expect((await waiting).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  const next = freshness(signal)
  fetches[1]?.resolve('2025-10-08T05:30:00.000Z')
  expect(await next).toBe('2025-10-08T05:30:00.000Z')
})

test('a caller that leaves does not take the fetch from those who stay; the last one does', async () => {
  const { freshness, fetches } = fixture()
  const [one, two] = [new AbortController(), new AbortController()]
  const [first, second] = [freshness(one.signal), freshness(two.signal)]
  one.abort(new Error('first left'))
  await expect(first).rejects.toThrow('first left')
  expect(fetches[0]?.signal.aborted).toBe(false)
  two.abort(new Error('second left'))
  await expect(second).rejects.toThrow('second left')
  expect(fetches[0]?.signal.aborted).toBe(true)
  void freshness(signal).catch(() => {})
  expect(fetches).toHaveLength(2)
})
