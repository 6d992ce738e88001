import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from '@jest/globals'
import { GatewayError } from '../../../src/model/errors.ts'
import type { Suspension } from '../../../src/recovery/system-state.ts'
import type { RowFilter } from '../../../src/systems/connector.ts'
import type { TextStorage } from '../../../src/systems/last-known-good/text-storage.ts'
import { declaredState } from '../../support/declared-recovery.ts'
import { KEY, line } from '../small-system.ts'
import { ALPHA, BETA } from '../viewer.ts'
import { AS_OF, at, keeperOver, LOOKUP, lineOf, NOW, PAGE } from './small-keeper.ts'

/** A storage without bounds, which a test may look into. */
function plainStorage(): TextStorage & { readonly texts: Map<string, string> } {
  const texts = new Map<string, string>()
  return {
    texts,
    getMany: async keys => keys.map(key => texts.get(key)),
    setMany: async entries => entries.map(({ key, value }) => texts.set(key, value).has(key)),
    disconnect: async () => {},
  }
}

const SUSPENSION: Suspension = {
  cause: 'ORDERED',
  reason: 'r',
  at: at(NOW),
  from: 'OPEN',
  distrustSince: null,
  lastKnownGood: true,
  recorded: true,
}
const RESTORATION = {
  backup: { id: 'B', takenAt: at(0), digest: 'd1', malwareStatus: 'CLEAN', scannedAt: at(0) },
  environment: 'e',
  completedAt: at(0),
  manifest: 'm1',
  recoveryPoint: null,
} as const

describe('what a system gave', () => {
  test('is given again as it was, marked, with the time that it is as of', async () => {
    const { keepLines, find } = keeperOver(plainStorage())
    await keepLines('1', [lineOf('1'), lineOf('1', 2)])
    const given = await find('1')
    expect(given).toEqual({
      readAtMs: NOW,
      value: [lineOf('1'), lineOf('1', 2)].map(record => ({
        ...record,
        provenance: { ...record.provenance, origin: 'LAST_KNOWN_GOOD', asOf: AS_OF },
      })),
    })
    expect(Object.isFrozen(given?.value[0]?.provenance)).toBe(true)
  })

  test('says what may be missing as the state of the system has it now', async () => {
    const { keepLines, find, become } = keeperOver(plainStorage())
    await keepLines('1', [lineOf('1')])
    become({ gap: { from: at(1), until: at(2) }, reconciledThrough: at(3) })
    const given = await find('1')
    expect(given?.value[0]?.provenance).toMatchObject({ gapFrom: at(1), gapUntil: at(2), reconciledThrough: at(3) })
  })

  test('is remembered as nothing where the system had nothing', async () => {
    const { keepLines, find } = keeperOver(plainStorage())
    await keepLines('1', [])
    expect(await find('1')).toEqual({ readAtMs: NOW, value: [] })
    expect(await find('2')).toBeNull()
  })

  test('is found key by key, and an error among it is not kept', async () => {
    const { keeper, settled, keptNow } = keeperOver(plainStorage())
    const error = new GatewayError('SYSTEM_DATA_INVALID', 'no')
    await settled(() => keeper.keepRecords(LOOKUP, [['1'], ['2'], ['3']], [[lineOf('1')], error, []], keptNow()), 2)
    const found = await keeper.findRecords(LOOKUP, [['3'], ['2'], ['1']])
    expect(found.map(each => each?.value.length ?? null)).toEqual([0, null, 1])
  })

  test('as a first page comes back as one, and no other page is kept', async () => {
    const { keeper, settled, keptNow } = keeperOver(plainStorage())
    const provenance = lineOf('1').provenance
    const given = { records: [lineOf('1')], hasNextPage: true, provenance }
    const second = { ...PAGE, request: { ...PAGE.request, after: ['1', 1] } }
    keeper.keepPage(second, given, keptNow())
    await settled(() => keeper.keepPage(PAGE, given, keptNow()))
    expect(await keeper.findPage(PAGE)).toMatchObject({
      readAtMs: NOW,
      value: { hasNextPage: true, records: [{ number: '1' }], provenance: { asOf: AS_OF, origin: 'LAST_KNOWN_GOOD' } },
    })
    expect(await keeper.findPage(second)).toBeNull()
    expect(await keeper.findPage({ ...PAGE, request: { ...PAGE.request, first: 11 } })).toBeNull()
  })

  test('is found for twice as long as it may be given, and then no more', async () => {
    const { keepLines, find, pass } = keeperOver(plainStorage())
    await keepLines('1', [lineOf('1')])
    pass(7_200_000 - 1)
    expect(await find('1')).toMatchObject({ readAtMs: NOW })
    pass(1)
    expect(await find('1')).toBeNull()
  })

  test('is kept for the field that may have it longest, whichever asked last', async () => {
    const { keepLines, find, pass, keptNow } = keeperOver(plainStorage())
    await keepLines('1', [lineOf('1')], keptNow(86_400))
    pass(120_000)
    await keepLines('1', [lineOf('1')], keptNow(60))
    pass(86_400_000)
    expect(await find('1')).toMatchObject({ readAtMs: NOW + 120_000 })
  })

  test('is not written again within a tenth of its time, nor a minute, but for another epoch', async () => {
    const { keepLines, counted, pass, become, keptNow } = keeperOver(plainStorage())
    await keepLines('1', [lineOf('1')])
    pass(59_999)
    await keepLines('1', [lineOf('1')])
    expect([counted('writes kept'), counted('writes unchanged')]).toEqual([1, 1])
    pass(1)
    await keepLines('1', [lineOf('1')])
    become({ reconciledThrough: AS_OF })
    await keepLines('1', [lineOf('1')])
    expect([counted('writes kept'), counted('writes unchanged')]).toEqual([3, 1])
    await keepLines('2', [lineOf('2')], keptNow(60))
    pass(6_000)
    await keepLines('2', [lineOf('2')], keptNow(60))
    expect(counted('writes kept')).toBe(5)
  })

  test('is written anew where the clock was set back: what lies ahead would not be given', async () => {
    const { keepLines, find, pass } = keeperOver(plainStorage())
    await keepLines('1', [lineOf('1')])
    pass(-1_800_000)
    expect(await find('1')).toBeNull()
    await keepLines('1', [lineOf('1')])
    expect(await find('1')).toMatchObject({ readAtMs: NOW - 1_800_000 })
  })

  test('takes the room of the partner that read it', async () => {
    const owners: string[] = []
    const { keepLines, keptNow } = keeperOver({
      ...plainStorage(),
      setMany: async entries => entries.map(({ by }) => owners.push(by) > 0),
    })
    await keepLines('1', [lineOf('1')])
    await keepLines('2', [lineOf('2')], { ...keptNow(), by: BETA })
    expect(owners).toEqual([ALPHA, BETA])
  })

  test('is never kept as of another epoch than that of now', async () => {
    const { keeper, keptNow, become, find, keepLines } = keeperOver(plainStorage())
    const before = keptNow()
    become({ reconciledThrough: AS_OF })
    keeper.keepRecords(LOOKUP, [['1']], [[lineOf('1')]], before)
    await keepLines('2', [lineOf('2')])
    expect(await find('1')).toBeNull()
    expect(await find('2')).not.toBeNull()
  })
})

describe('what a system gave is not found', () => {
  test('under the filter of another owner', async () => {
    const { keepLines, find } = keeperOver(plainStorage())
    await keepLines('1', [lineOf('1')])
    const betas: RowFilter = { kind: 'owner', columns: ['owner'], value: BETA }
    expect(await find('1', { ...LOOKUP, visible: betas })).toBeNull()
  })

  test('by another generation of code, mappings and sites', async () => {
    const storage = plainStorage()
    await keeperOver(storage).keepLines('1', [lineOf('1')])
    expect(await keeperOver(storage, 'another').find('1')).toBeNull()
    expect(await keeperOver(storage).find('1')).not.toBeNull()
  })

  test('once the system is restored from something else, in another journal or under another manifest', async () => {
    const { keepLines, find, become, declare } = keeperOver(plainStorage())
    become({ restoration: RESTORATION })
    await keepLines('1', [lineOf('1')])
    expect(await find('1')).not.toBeNull()
    become({ restoration: { ...RESTORATION, backup: { ...RESTORATION.backup, digest: 'd2' } } })
    expect(await find('1')).toBeNull()
    become({ restoration: { ...RESTORATION, manifest: 'm2' } })
    expect(await find('1')).toBeNull()
    const head = { journal: 'other', sequence: 1, hash: 'h', recordedAt: at(0) }
    declare(declaredState({ [KEY]: { restoration: RESTORATION } }, { head }))
    expect(await find('1')).toBeNull()
    become({ restoration: RESTORATION })
    expect(await find('1')).not.toBeNull()
  })

  test('where it was read while the system was distrusted, and is found where it was not', async () => {
    const { keepLines, find, become, counted } = keeperOver(plainStorage())
    await keepLines('1', [lineOf('1')])
    become({ distrusted: [{ since: at(NOW), until: at(NOW + 1) }] })
    expect(await find('1')).toBeNull()
    expect(counted('finds withheld')).toBe(1)
    become({ distrusted: [{ since: at(NOW - 2), until: at(NOW) }] })
    expect(await find('1')).not.toBeNull()
  })

  test('while the system is suspended, but where the suspension allows it', async () => {
    const { keepLines, find, become } = keeperOver(plainStorage())
    await keepLines('1', [lineOf('1')])
    become({ lifecycle: 'SUSPENDED', suspension: { ...SUSPENSION, lastKnownGood: false } })
    expect(await find('1')).toBeNull()
    become({ lifecycle: 'SUSPENDED', suspension: SUSPENSION })
    expect(await find('1')).not.toBeNull()
  })

  test('where it is damaged, lies under another key, or is none of the relation', async () => {
    const storage = plainStorage()
    const { keepLines, find, counted } = keeperOver(storage)
    await keepLines('1', [lineOf('1')])
    await keepLines('2', [lineOf('2')])
    const [[one = '', first = ''] = [], [two = '', second = ''] = []] = [...storage.texts]
    storage.texts.set(one, second).set(two, first)
    expect([await find('1'), await find('2')]).toEqual([null, null])
    storage.texts.set(one, first.replace('"position":1', '"position":2'))
    storage.texts.set(two, second.slice(0, -1))
    expect([await find('1'), await find('2')]).toEqual([null, null])
    storage.texts.set(one, '').set(two, 'null')
    expect([await find('1'), await find('2')]).toEqual([null, null])
    expect(counted('finds damaged')).toBe(6)
    storage.texts.set(one, first)
    expect(await find('1')).not.toBeNull()
  })

  test('where a row of it is not one that the filter shows, whoever wrote it', async () => {
    const { keepLines, find, counted } = keeperOver(plainStorage())
    await keepLines('1', [lineOf('1'), lineOf('1', 2, BETA)])
    expect(await find('1')).toBeNull()
    expect(counted('finds damaged')).toBe(1)
  })
})

describe('a storage that fails', () => {
  const failing = (how: () => Promise<never>): TextStorage => ({
    getMany: how,
    setMany: how,
    disconnect: async () => {},
  })

  test('has nothing, and is heard of', async () => {
    const { keepLines, find, counted, keeper } = keeperOver(failing(() => Promise.reject(new Error('away'))))
    await keepLines('1', [lineOf('1')])
    expect(await find('1')).toBeNull()
    expect(await keeper.findPage(PAGE)).toBeNull()
    expect([counted('failures keep failed'), counted('failures find failed')]).toEqual([1, 2])
  })

  test('by hanging holds nobody up beyond a bound, neither who asks nor who closes', async () => {
    const { keeper, keptNow, counted } = keeperOver(failing(() => new Promise(() => {})))
    keeper.keepRecords(LOOKUP, [['1']], [[lineOf('1')]], keptNow())
    const found = keeper.findRecords(LOOKUP, [['1'], ['2']])
    expect(await Promise.race([found, setTimeout(2_000)])).toEqual([null, null])
    expect(counted('failures find timeout')).toBe(1)
    await keeper.close()
  })
})

describe('what waits to be written', () => {
  test('delays nobody: keeping returns before anything is put into words', async () => {
    const storage = plainStorage()
    const { keeper, keptNow } = keeperOver(storage)
    let read = 0
    const spied = new Proxy(lineOf('1'), {
      ownKeys(record) {
        read += 1
        return Reflect.ownKeys(record)
      },
    })
    keeper.keepRecords(LOOKUP, [['1']], [[spied]], keptNow())
    expect(read).toBe(0)
    await keeper.close()
    expect(read).toBe(1)
    expect(storage.texts.size).toBe(1)
  })

  test('is bounded: what has waited longest makes room, and is counted', async () => {
    const storage = plainStorage()
    const { keeper, keptNow, counted } = keeperOver(storage)
    const numbers = Array.from({ length: 100 }, (_, n) => [String(n)])
    const nothing = numbers.map(() => [])
    for (let read = 0; read < 201; read++)
      keeper.keepRecords(
        LOOKUP,
        numbers.map(([n]) => [`${read} ${n}`]),
        nothing,
        keptNow(),
      )
    expect(counted('writes dropped')).toBe(100)
    await keeper.close()
    expect(storage.texts.size + counted('writes dropped')).toBe(20_100)
  })

  test('is bounded by its records: what holds on to many counts as many', async () => {
    const { keeper, keptNow, counted } = keeperOver(plainStorage())
    const records = Array.from({ length: 499 }, (_, position) => lineOf('1', position))
    const given = { records, hasNextPage: true, provenance: lineOf('1').provenance }
    for (let first = 1; first <= 41; first++)
      keeper.keepPage({ ...PAGE, request: { ...PAGE.request, first } }, given, keptNow())
    expect(counted('writes dropped')).toBe(1)
    // What is more than all may be makes nobody room.
    const found = Array.from({ length: 41 }, () => records)
    keeper.keepRecords(
      LOOKUP,
      found.map((_, n) => [String(n)]),
      found,
      keptNow(),
    )
    expect(counted('writes dropped')).toBe(42)
    await keeper.close()
    expect(counted('writes kept')).toBe(40)
  })

  test('is written before the store is closed, and nothing is taken after', async () => {
    const storage = plainStorage()
    const { keeper, keptNow } = keeperOver(storage)
    keeper.keepRecords(LOOKUP, [['1']], [[lineOf('1')]], keptNow())
    await keeper.close()
    keeper.keepRecords(LOOKUP, [['2']], [[lineOf('2')]], keptNow())
    await setTimeout(50)
    expect(storage.texts.size).toBe(1)
  })

  test('of too many records is left out', async () => {
    const { keeper, keptNow, counted } = keeperOver(plainStorage())
    const records = Array.from({ length: 501 }, (_, position) => lineOf('1', position, ALPHA))
    keeper.keepRecords(LOOKUP, [['1']], [records], keptNow())
    keeper.keepPage(
      { ...PAGE, relation: line },
      { records, hasNextPage: false, provenance: lineOf('1').provenance },
      keptNow(),
    )
    await keeper.close()
    expect(counted('writes large')).toBe(2)
    expect(counted('writes kept')).toBe(0)
  })
})
