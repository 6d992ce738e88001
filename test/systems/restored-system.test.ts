import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import { GatewayError } from '../../src/model/errors.ts'
import { provenanceOf } from '../../src/recovery/provenance.ts'
import { bpnl, integer, text } from '../../src/systems/columns.ts'
import type { RawRow, RowFilter } from '../../src/systems/connector.ts'
import { defineRelation } from '../../src/systems/relation.ts'
import { createRestoredSystem } from '../../src/systems/restored-system.ts'
import { stateOf } from './restart.ts'
import { AS_OF, createScriptedConnector, hangs, reading, type Script } from './scripted-connector.ts'
import { ALPHA, BETA } from './viewer.ts'

const KEY = 'WHOLESALE_FINANCE'
const line = defineRelation(KEY, 'line', {
  columns: { number: text(), position: integer(), owner: bpnl() },
  key: ['number', 'position'],
  access: { kind: 'owned', columns: ['owner'] },
  lookups: [['number']],
})
const ALPHAS: RowFilter = { kind: 'owner', columns: ['owner'], value: ALPHA }
const row = (number: unknown, position: unknown = 1, owner: unknown = ALPHA): RawRow => ({ number, position, owner })
const PAGE = { where: [], after: null, first: 10 }

function systemOver(script: Script) {
  const connector = createScriptedConnector(script)
  const reports: string[] = []
  let now = 0
  const system = createRestoredSystem({
    key: KEY,
    relations: [line],
    connector,
    deadlineMs: 100,
    probeDeadlineMs: 500,
    provenanceOf: asOf => provenanceOf(stateOf().systems[KEY], asOf),
    report: {
      foreignRow: () => void reports.push('foreign'),
      malformedRow: () => void reports.push('malformed'),
    },
    clock: { now: () => now },
  })
  const lookup = (...numbers: string[]) =>
    system.lookup(
      line,
      ['number'],
      numbers.map(number => [number]),
      ALPHAS,
    )
  return {
    system,
    connector,
    reports,
    lookup,
    page: () => system.page(line, PAGE, ALPHAS),
    pass: (milliseconds: number) => {
      now += milliseconds
    },
  }
}

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

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
    expect(reports).toEqual(['foreign', 'foreign'])
  })

  test('fails for the key of a malformed row, and for no other key', async () => {
    const { lookup, system, reports } = systemOver({ lookup: () => reading([row('a', 'one'), row('a', 2), row('b')]) })
    expect(await lookup('a', 'b', 'c')).toMatchObject([
      { code: 'SYSTEM_DATA_INVALID', details: { system: KEY } },
      [{ number: 'b' }],
      [],
    ])
    expect(reports).toEqual(['malformed'])
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
    expect(reports).toEqual(['foreign'])
  })

  test('with a malformed row is not given', async () => {
    const { page, system } = systemOver({ page: () => reading([row('a'), row('b', 1.5)]) })
    await expect(page()).rejects.toMatchObject({ code: 'SYSTEM_DATA_INVALID' })
    expect(system.health().failure).toBe('SYSTEM_DATA_INVALID')
  })
})

describe('a source that fails', () => {
  test.each([
    ['rejects', () => Promise.reject(new Error('password=hunter2 at 10.0.0.3')), 'SYSTEM_UNAVAILABLE'],
    [
      'throws at once',
      () => {
        throw new Error('password=hunter2')
      },
      'SYSTEM_UNAVAILABLE',
    ],
    ['throws what is no error', () => Promise.reject('hunter2'), 'SYSTEM_UNAVAILABLE'],
    ['gives nothing', async () => undefined, 'SYSTEM_DATA_INVALID'],
    ['gives no rows', async () => ({ asOf: AS_OF }), 'SYSTEM_DATA_INVALID'],
    ['gives rows that are no list', async () => ({ rows: 'hunter2', asOf: AS_OF }), 'SYSTEM_DATA_INVALID'],
    ['gives no time', async () => ({ rows: [] }), 'SYSTEM_DATA_INVALID'],
    ['gives a time that is none', async () => ({ rows: [], asOf: 'hunter2' }), 'SYSTEM_DATA_INVALID'],
  ])('because it %s gives a typed error that tells no partner why', async (_what, fault, code) => {
    const { lookup, page, system } = systemOver({ lookup: fault, page: fault })
    for (const read of [lookup('a'), page()]) {
      const error = await read.then(
        () => null,
        (thrown: unknown) => thrown,
      )
      expect(error).toBeInstanceOf(GatewayError)
      expect(error).toMatchObject({ code, details: { system: KEY } })
      expect((error as GatewayError).message).not.toContain('hunter2')
      expect(JSON.stringify((error as GatewayError).details)).not.toContain('hunter2')
    }
    expect(system.health().failure).toBe(code)
  })

  test('by hanging is given up at the deadline, and the next read is not held up', async () => {
    let isDown = true
    const { lookup, system } = systemOver({ lookup: () => (isDown ? hangs() : reading([row('a')])) })
    const first = expect(lookup('a')).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED', details: { system: KEY } })
    await jest.advanceTimersByTimeAsync(100)
    await first
    expect(system.health().failure).toBe('DEADLINE_EXCEEDED')
    isDown = false
    expect(await lookup('a')).toMatchObject([[{ number: 'a' }]])
    expect(system.health()).toEqual({ asOf: AS_OF, failure: null })
  })

  test('gives rows or a typed error, whatever it answers', async () => {
    const rows = fc.array(
      fc.oneof(
        fc.anything(),
        fc.record({
          number: fc.constantFrom('a', 'b', 5),
          position: fc.constantFrom(1, 'x'),
          owner: fc.constantFrom(ALPHA, BETA),
        }),
      ),
    )
    const answers = fc.oneof(fc.anything(), fc.record({ rows, asOf: fc.constantFrom(AS_OF, 'x') }))
    await fc.assert(
      fc.asyncProperty(answers, async answer => {
        const { lookup, page } = systemOver({ lookup: async () => answer, page: async () => answer })
        const outcomes = await Promise.allSettled([lookup('a', 'b'), page()])
        for (const outcome of outcomes)
          if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(GatewayError)
      }),
    )
  })
})

describe('the proof', () => {
  test('comes before the first row, and once', async () => {
    const { lookup, page, connector } = systemOver({})
    await Promise.all([lookup('a'), page()])
    await lookup('b')
    expect(connector.calls.filter(call => call === 'probe')).toHaveLength(1)
    expect(connector.calls.slice(0, 2)).toEqual(['probe', 'freshness'])
  })

  test('that fails keeps every row back', async () => {
    const { lookup, page, connector } = systemOver({ probe: () => Promise.reject(new Error('the role may write')) })
    await expect(lookup('a')).rejects.toMatchObject({ code: 'SYSTEM_UNAVAILABLE' })
    await expect(page()).rejects.toMatchObject({ code: 'SYSTEM_UNAVAILABLE' })
    expect(connector.calls).toEqual(['probe'])
  })

  test('that fails is tried again a second later, and then the rows are read', async () => {
    let attempts = 0
    const { lookup, pass } = systemOver({
      probe: async () => {
        if (++attempts === 1) throw new Error('down')
      },
      lookup: () => reading([row('a')]),
    })
    await expect(lookup('a')).rejects.toMatchObject({ code: 'SYSTEM_UNAVAILABLE' })
    pass(1_000)
    expect(await lookup('a')).toMatchObject([[{ number: 'a' }]])
  })

  test("that hangs holds a read up for the read's own deadline at most, and reads nothing afterwards", async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { lookup, connector } = systemOver({ probe: () => promise })
    const read = expect(lookup('a')).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' })
    await jest.advanceTimersByTimeAsync(100)
    await read
    resolve()
    await jest.advanceTimersByTimeAsync(100)
    expect(connector.calls).not.toContain('lookup')
  })

  test('that hangs is given up in its own time, with the reason for whoever shows it', async () => {
    const { system } = systemOver({ probe: hangs })
    const shown = expect(system.prove()).rejects.toThrow('no answer within 500 ms')
    await jest.advanceTimersByTimeAsync(500)
    await shown
  })

  test('shows the time of the data before anybody reads it', async () => {
    const { system } = systemOver({})
    expect(system.health()).toEqual({ asOf: null, failure: null })
    await system.prove()
    expect(system.health()).toEqual({ asOf: AS_OF, failure: null })
  })
})
