import { expect, test } from '@jest/globals'
import type { TextStorage } from '../../../src/systems/last-known-good/text-storage.ts'
import { ALPHA } from '../viewer.ts'

/** What every storage of last-known-good does, whatever it stands on. Each adapter runs it. */

const HOUR_MS = 3_600_000
export const entry = (key: string, value: string, ttl = HOUR_MS, by = ALPHA) => ({ key, value, ttl, by })

/** `open` gives an empty storage; whoever calls it closes it. */
export function describeStorage(open: () => Promise<TextStorage>): void {
  async function holding(...entries: readonly (readonly [string, string])[]): Promise<TextStorage> {
    const storage = await open()
    await storage.setMany(entries.map(([key, value]) => entry(key, value)))
    return storage
  }

  test('gives for each key what was put under it, in the order of the keys, and undefined for what is not there', async () => {
    const storage = await holding(['a', '1'], ['b', '2'])
    expect(await storage.getMany(['b', 'missing', 'a', 'b'])).toEqual(['2', undefined, '1', '2'])
    expect(await storage.getMany([])).toEqual([])
  })

  test('says of each entry whether it is kept', async () => {
    const storage = await open()
    expect(await storage.setMany([entry('a', '1'), entry('b', '2')])).toEqual([true, true])
    expect(await storage.setMany([])).toEqual([])
  })

  test('gives what was put there last', async () => {
    const storage = await holding(['a', '1'])
    await storage.setMany([entry('a', '2'), entry('a', '3')])
    expect(await storage.getMany(['a'])).toEqual(['3'])
  })

  test('takes any text for a key, and gives it for no other', async () => {
    const keys = ['', ' ', 'a:b', 'a', "a'", 'a%', 'a*', 'A', 'ä', '\u0000', '🔑']
    const storage = await holding(...keys.map((key, at) => [key, String(at)] as const))
    expect(await storage.getMany(keys)).toEqual(keys.map((_, at) => String(at)))
  })

  test('gives text as it was put there', async () => {
    const text = `{"a":"ä🔑\\u0000"}\n${'x'.repeat(10_000)}`
    const storage = await holding(['a', text])
    expect(await storage.getMany(['a'])).toEqual([text])
  })
}
