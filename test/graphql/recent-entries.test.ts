import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createRecentEntries } from '../../src/graphql/recent-entries.ts'

const STEPS = fc.array(
  fc.record({
    what: fc.constantFrom('set', 'get', 'delete' as const),
    key: fc.integer({ min: 0, max: 30 }).map(String),
  }),
  { maxLength: 200 },
)

test('gives what was set last, and for certain what was used lately', () => {
  fc.assert(
    fc.property(STEPS, fc.integer({ min: 2, max: 20 }), (steps, most) => {
      const entries = createRecentEntries<number>(most)
      const truth = new Map<string, number>()
      // In the order of use, the latest last.
      let used: string[] = []
      steps.forEach(({ what, key }, step) => {
        if (what === 'set') {
          entries.set(key, step)
          truth.set(key, step)
        } else if (what === 'delete') {
          entries.delete(key)
          truth.delete(key)
        } else {
          const found = entries.get(key)
          if (found !== undefined) expect(found).toBe(truth.get(key))
          else truth.delete(key)
        }
        used = used.filter(one => one !== key)
        if (truth.has(key)) used.push(key)
      })
      const lately = used.filter(key => truth.has(key)).slice(-Math.floor(most / 2))
      // Each look counts as a use, which pushes out nothing that was used after it.
      for (const key of lately.toReversed()) expect(entries.get(key)).toBe(truth.get(key))
    }),
  )
})

test('never holds more than it may', () => {
  const entries = createRecentEntries<number>(10)
  for (let n = 0; n < 1_000; n++) {
    entries.set(`${n}`, n)
    entries.get(`${n - 7}`)
  }
  const held = Array.from({ length: 1_000 }, (_, n) => `${n}`).filter(key => entries.get(key) !== undefined)
  expect(held.length).toBeLessThanOrEqual(10)
  expect(held).toContain('999')
})
