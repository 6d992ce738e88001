import { describe, expect, test } from '@jest/globals'
import { declaredState } from '../support/declared-recovery.ts'
import { ALPHA, BETA, viewerOf } from '../systems/viewer.ts'
import { startSmallGateway } from './small-gateway.ts'

/** `Thing.stock`, a field of a record that is kept for a minute. */
const alpha = viewerOf(ALPHA, { wave: 1, sites: ['BPNS00000000ST01'], roles: ['RETAILER'] })
const beta = viewerOf(BETA, { wave: 1, sites: ['BPNS00000000ST02'], roles: ['RETAILER'] })
const ASKED = '{ catalogue { stock } }'
const given = (stock: unknown) => ({ data: { catalogue: { stock } }, errors: [] })

/** A gateway whose reads of the field wait until they are landed, one after the other. */
async function startWaiting() {
  const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>()
  const waiting: PromiseWithResolvers<unknown>[] = []
  const gateway = await startSmallGateway({
    Query: { catalogue: () => ({ id: 'r' }) },
    Thing: {
      stock() {
        const landing = Promise.withResolvers<unknown>()
        waiting.push(landing)
        onAsked()
        return landing.promise
      },
    },
  })
  const stock = () => gateway.lookups.filter(lookup => lookup.startsWith('Thing')).map(lookup => lookup.split(' ')[1])
  return { ...gateway, asked, waiting, stock }
}

describe('a field of a record', () => {
  test('is read once by a crowd that asks at the same time, and then no more', async () => {
    const { ask, asked, waiting, stock } = await startWaiting()
    const answers = [ask(alpha, ASKED), ask(alpha, ASKED), ask(alpha, ASKED)]
    await asked
    waiting[0]?.resolve('7')
    expect(await Promise.all(answers)).toEqual([given('7'), given('7'), given('7')])
    expect(await ask(alpha, ASKED)).toEqual(given('7'))
    expect(stock()).toEqual(['miss', 'shared', 'shared', 'hit'])
    expect(waiting).toHaveLength(1)
  })

  test('is read for each partition by itself, also while another is being read', async () => {
    const { ask, asked, waiting } = await startWaiting()
    const first = ask(alpha, ASKED)
    await asked
    const second = ask(beta, ASKED)
    while (waiting.length < 2) await new Promise(setImmediate)
    waiting[0]?.resolve('of alpha')
    waiting[1]?.resolve('of beta')
    expect([await first, await second]).toEqual([given('of alpha'), given('of beta')])
  })

  test('is kept for nobody where its read failed, whoever waited for it', async () => {
    const { ask, asked, waiting } = await startWaiting()
    const answers = [ask(alpha, ASKED), ask(alpha, ASKED)]
    await asked
    waiting[0]?.reject(new Error('down'))
    for (const answer of answers) expect((await answer).errors).toEqual([['catalogue.stock', 'down']])
    const again = ask(alpha, ASKED)
    while (waiting.length < 2) await new Promise(setImmediate)
    waiting[1]?.resolve('up')
    expect(await again).toEqual(given('up'))
  })

  test('is refused to all who wait for it when its system closes, and is not there after the next opening', async () => {
    const { ask, asked, waiting, recovery } = await startWaiting()
    const answers = [ask(alpha, ASKED), ask(alpha, ASKED)]
    await asked
    recovery.declare(declaredState({ PARTS_LOGISTICS: { lifecycle: 'SUSPENDED' } }))
    waiting[0]?.resolve('from before')
    for (const answer of answers)
      expect(await answer).toMatchObject({ data: { catalogue: null }, errors: [['catalogue', 'SYSTEM_NOT_OPEN']] })
    recovery.declare(declaredState())
    const after = ask(alpha, ASKED)
    while (waiting.length < 2) await new Promise(setImmediate)
    waiting[1]?.resolve('from after')
    expect(await after).toEqual(given('from after'))
  })

  test.each([
    ['60 seconds from when it was read', 'word', 60_000],
    ['5 seconds, where the system does not know it', null, 5_000],
  ])('is kept for %s, to the millisecond', async (_for, value, keptMs) => {
    let nowMs = 1_000
    let calls = 0
    const clock = { now: () => nowMs }
    const stock = () => {
      calls++
      return value
    }
    const things = { Query: { catalogue: () => ({ id: 'r' }) }, Thing: { stock } }
    const { ask, freshUntil } = await startSmallGateway(things, null, clock)
    await ask(alpha, ASKED)
    nowMs += keptMs - 1
    expect(await freshUntil(alpha, ASKED)).toBe(nowMs + 1)
    expect(calls).toBe(1)
    nowMs += 1
    await ask(alpha, ASKED)
    expect(calls).toBe(2)
  })
})
