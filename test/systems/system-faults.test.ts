import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import { GatewayError } from '../../src/model/errors.ts'
import { AS_OF, hangs, reading } from './scripted-connector.ts'
import { KEY, row, systemOver } from './small-system.ts'
import { ALPHA, BETA } from './viewer.ts'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

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
    const { lookup, system } = systemOver({ lookup: () => (isDown ? hangs() : reading([row('b')])) })
    const first = expect(lookup('a')).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED', details: { system: KEY } })
    await jest.advanceTimersByTimeAsync(100)
    await first
    expect(system.health().failure).toBe('DEADLINE_EXCEEDED')
    isDown = false
    expect(await lookup('b')).toMatchObject([[{ number: 'b' }]])
    expect(system.health()).toEqual({ asOf: AS_OF, failure: null, warning: null })
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

  test('that fails is tried again a little later, and then the rows are read', async () => {
    let attempts = 0
    const { lookup, pass } = systemOver({
      probe: async () => {
        if (++attempts === 1) throw new Error('down')
      },
      lookup: () => reading([row('a')]),
    })
    await expect(lookup('a')).rejects.toMatchObject({ code: 'SYSTEM_UNAVAILABLE' })
    pass(2_000)
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
    expect(system.health()).toEqual({ asOf: null, failure: null, warning: null })
    await system.prove()
    expect(system.health()).toEqual({ asOf: AS_OF, failure: null, warning: null })
  })
})
