import { describe, expect, test } from '@jest/globals'
import { GatewayError } from '../../src/model/errors.ts'
import type { RawRow } from '../../src/systems/connector.ts'
import { AS_OF, reading } from './scripted-connector.ts'
import { ALPHAS, ASKER, KEY, line, row, systemOver } from './small-system.ts'
import { ALPHA, BETA } from './viewer.ts'

describe('a look-up', () => {
  test('gives each key its own rows, in the order of the keys, whatever order they came in', async () => {
    const { lookup } = systemOver({ lookup: () => reading([row('b', 1), row('a', 2), row('b', 2)]) })
    const found = await lookup('a', 'none', 'b')
    expect(
      found.map(one =>
        one instanceof GatewayError ? one.code : one.map(({ number, position }) => `${number}${position}`),
      ),
    ).toEqual([['a2'], [], ['b1', 'b2']])
  })

  test('does not take 1 for "1": a key has its column\'s type', async () => {
    const { system } = systemOver({ lookup: () => reading([row('a', 1)]) })
    const found = await system.lookup(
      line,
      ['number', 'position'],
      [
        ['a', '1'],
        ['a', 1],
      ],
      ALPHAS,
      ASKER,
    )
    expect(found.map(one => !(one instanceof GatewayError) && one.length)).toEqual([0, 1])
  })

  test('stamps every record with the time of the reading', async () => {
    const [found] = await systemOver({ lookup: () => reading([row('a')]) }).lookup('a')
    expect(found).toMatchObject([{ provenance: { system: KEY, asOf: AS_OF, origin: 'SYSTEM' } }])
  })

  test("drops and reports rows of somebody else, and finds what is the viewer's", async () => {
    const { lookup, reports } = systemOver({
      lookup: () => reading([row('a', 1, BETA), row('a', 2), row('b', 1, BETA)]),
    })
    expect(await lookup('a', 'b')).toMatchObject([[{ position: 2 }], []])
    expect(reports).toEqual(['2 foreign'])
  })

  test('fails for the key of a malformed row, and for no other key', async () => {
    const { lookup, system, reports } = systemOver({ lookup: () => reading([row('a', 'one'), row('a', 2), row('b')]) })
    expect(await lookup('a', 'b', 'c')).toMatchObject([
      { code: 'SYSTEM_DATA_INVALID', details: { system: KEY } },
      [{ number: 'b' }],
      [],
    ])
    expect(reports).toEqual(['1 malformed'])
    expect(system.health().failure).toBeNull()
  })

  test.each([
    ['a key of the wrong type', { ...row('a'), number: 5 }],
    ['no key', { position: 1, owner: ALPHA }],
    ['nothing', null],
    ['text', 'row'],
  ])('fails for all keys when a malformed row has %s, because it may belong to any of them', async (_what, bad) => {
    const { lookup, system } = systemOver({ lookup: () => reading([bad as unknown as RawRow, row('b')]) })
    await expect(lookup('a', 'b')).rejects.toMatchObject({ code: 'SYSTEM_DATA_INVALID' })
    expect(system.health().failure).toBe('SYSTEM_DATA_INVALID')
  })

  test('ignores rows that were not asked for', async () => {
    expect(await systemOver({ lookup: () => reading([row('z'), row('a')]) }).lookup('a')).toMatchObject([
      [{ number: 'a' }],
    ])
  })
})

describe('a page', () => {
  test('gives its rows in the order in which they came, and whether more follow', async () => {
    const { page } = systemOver({ page: () => reading([row('a'), row('b')], true) })
    expect(await page()).toMatchObject({
      records: [{ number: 'a' }, { number: 'b' }],
      hasNextPage: true,
      provenance: { asOf: AS_OF },
    })
  })

  test('drops and reports rows of somebody else', async () => {
    const { page, reports } = systemOver({ page: () => reading([row('a', 1, BETA), row('b')]) })
    expect((await page()).records).toMatchObject([{ number: 'b' }])
    expect(reports).toEqual(['1 foreign'])
  })

  test('with a malformed row is not given', async () => {
    const { page, system } = systemOver({ page: () => reading([row('a'), row('b', 1.5)]) })
    await expect(page()).rejects.toMatchObject({ code: 'SYSTEM_DATA_INVALID' })
    expect(system.health().failure).toBe('SYSTEM_DATA_INVALID')
  })
})

describe('data as of a time that lies ahead', () => {
  const ahead = { rows: [row('a')], asOf: '2025-10-08T05:31:01.000Z', hasNextPage: false }

  test('is not given, by key or on a page: its silence would never be noticed', async () => {
    const { lookup, page, system } = systemOver({ lookup: async () => ahead, page: async () => ahead })
    const invalid = { code: 'SYSTEM_DATA_INVALID', cause: { message: expect.stringContaining('which lies ahead') } }
    await expect(lookup('a')).rejects.toMatchObject(invalid)
    await expect(page()).rejects.toMatchObject(invalid)
    expect(system.health()).toMatchObject({ asOf: AS_OF, failure: 'SYSTEM_DATA_INVALID' })
  })

  test('is not shown as the time of the system either', async () => {
    const { lookup, system } = systemOver({ freshness: async () => ahead.asOf, lookup: async () => ahead })
    await expect(lookup('a')).rejects.toMatchObject({ code: 'SYSTEM_DATA_INVALID' })
    expect(system.health().asOf).toBeNull()
  })
})
