import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parse, validate } from 'graphql'
import type { BenchPartner } from '../../bench/site/site.ts'
import type { BenchQuestion } from '../../bench/variants/check.ts'
import { DOCUMENTS } from '../../bench/work/documents.ts'
import { createMorning, strideOver } from '../../bench/work/morning.ts'
import { everOther, hotQuestion, pairQuestion, partsApart } from '../../bench/work/questions.ts'
import { createZipf } from '../../bench/work/zipf.ts'
import { createRandom } from '../../demo/generator/random.ts'
import { loadSchema } from '../../src/graphql/schema.ts'

const partners = (role: string, count: number): readonly BenchPartner[] =>
  Array.from({ length: count }, (_, index) => ({ bpnl: `${role}${index}`, client: `${role}-${index}`, sites: [] }))
const site = {
  retailers: partners('retailer', 1_300),
  suppliers: partners('supplier', 700),
  partNumbers: Array.from({ length: 5_000 }, (_, index) => `LR${String(index).padStart(6, '0')}`),
}
const partsOf = ({ variables }: BenchQuestion) => (variables?.partNumbers ?? []) as readonly string[]
const take = (count: number, next: () => BenchQuestion) => Array.from({ length: count }, next)

describe('the work', () => {
  test('asks only what the schema has', async () => {
    const schema = await loadSchema(fileURLToPath(new URL('../../schema/', import.meta.url)))
    for (const { query } of DOCUMENTS) expect(validate(schema, parse(query))).toEqual([])
  })

  test('is the same for the same seed, and another for another', () => {
    const morning = (seed: number) => take(200, createMorning(site, seed))
    expect(morning(1)).toEqual(morning(1))
    expect(morning(1)).not.toEqual(morning(2))
  })

  test('asks in the shares of a retail morning, each operation as a partner that may', () => {
    const asked = take(20_000, createMorning(site, 1))
    const share = (name: string) => asked.filter(({ operationName }) => operationName === name).length / asked.length
    expect(share('Availability')).toBeCloseTo(0.7, 1)
    expect(share('Part')).toBeCloseTo(0.1, 1)
    expect(share('Invoices')).toBeCloseTo(0.1, 1)
    expect(share('Wholesales')).toBeCloseTo(0.05, 1)
    expect(share('Restart')).toBeCloseTo(0.05, 1)
    for (const { client, operationName } of asked) {
      if (operationName === 'Invoices') expect(client).toMatch(/^supplier-/)
      else if (operationName !== 'Restart') expect(client).toMatch(/^retailer-/)
    }
  })

  test('asks for 1 to 40 part numbers, none of them twice in a list', () => {
    const lists = take(5_000, createMorning(site, 1))
      .map(partsOf)
      .filter(({ length }) => length > 0)
    expect(Math.min(...lists.map(({ length }) => length))).toBe(1)
    expect(Math.max(...lists.map(({ length }) => length))).toBe(40)
    for (const list of lists) expect(new Set(list).size).toBe(list.length)
  })

  test('asks ever other parts where nothing shall be known', () => {
    const lists = take(300, everOther(site, 10, 1)).map(partsOf)
    expect(new Set(lists.map(list => list.join())).size).toBe(300)
    for (const list of lists) expect(new Set(list).size).toBe(10)
  })

  test('has a hot set of the wanted length, and others at other places', () => {
    expect(partsOf(hotQuestion(site, 10))).toHaveLength(10)
    expect(partsOf(hotQuestion(site, 10, 0, 1))).not.toEqual(partsOf(hotQuestion(site, 10, 0, 2)))
  })

  test('makes as many distinct questions of a few parts as they have pairs', () => {
    const parts = partsApart(site.partNumbers, 30)
    const asker = site.retailers[0] ?? { client: '', bpnl: '', sites: [] }
    const asked = Array.from({ length: 900 }, (_, n) => JSON.stringify(pairQuestion(asker, parts, n)))
    expect(new Set(asked).size).toBe(900)
  })
})

describe("Zipf's law", () => {
  test('draws the first as often as its weight says, and the tenth a tenth as often', () => {
    const random = createRandom(1, 'zipf')
    const zipf = createZipf(1_000)
    const counts = new Array<number>(1_000).fill(0)
    for (let n = 0; n < 200_000; n++) {
      const drawn = zipf.draw(random)
      counts[drawn] = (counts[drawn] ?? 0) + 1
    }
    const [first = 0, tenth = 0] = [counts[0], counts[9]]
    expect(first / tenth).toBeGreaterThan(8)
    expect(first / tenth).toBeLessThan(12)
  })

  test('never draws what is not there', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.double({ min: 0, max: 1, maxExcluded: true }), (count, unit) => {
        const drawn = createZipf(count).draw({ unit: () => unit })
        return Number.isInteger(drawn) && drawn >= 0 && drawn < count
      }),
    )
    expect(() => createZipf(0)).toThrow(RangeError)
  })

  test('walks over the catalogue meeting every place once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000 }), count => {
        const stride = strideOver(count)
        return new Set(Array.from({ length: count }, (_, n) => (n * stride) % count)).size === count
      }),
      { numRuns: 30 },
    )
  })
})
