import { setImmediate } from 'node:timers/promises'
import { afterEach, describe, expect, test } from '@jest/globals'
import { parse } from 'graphql'
import type { SystemKey } from '../../src/model/system.ts'
import type { Viewer } from '../../src/model/viewer.ts'
import { createCounters } from '../../src/observe/counters.ts'
import { createLog } from '../../src/observe/log.ts'
import { type Question, questionOf } from '../../src/operations/question.ts'
import { isServed } from '../../src/recovery/lifecycle/served.ts'
import { createWarmUp, type WarmUp, type WarmUpOptions } from '../../src/responses/warm-up.ts'
import { plannerOf, schemaOf } from '../operations/planning.ts'
import { declaredState, recoveryOf } from '../support/declared-recovery.ts'
import { watched } from '../support/watched-logs.ts'

const planner = plannerOf(
  schemaOf(`type Query {
    part(number: ID!): Int @source(system: PARTS_LOGISTICS) @requiresScopes(scopes: [["parts:read"]]) @partition(by: [SITES])
    mine(number: ID!): Int @source(system: PARTS_LOGISTICS) @requiresScopes(scopes: [["orders:read"]]) @partition(by: [PARTNER])
    owed: Int @source(system: WHOLESALE_FINANCE) @requiresScopes(scopes: [["payments:read"]]) @partition(by: [])
    now: Int
  }`),
)

function ask(source: string, variables: Readonly<Record<string, unknown>> = {}): Question {
  return questionOf(planner.planFor({ source, document: parse(source), operationName: undefined }), variables)
}
const part = (number: string) => ask('query ($number: ID!) { part(number: $number) }', { number })
const mine = (number: string) => ask('query ($number: ID!) { mine(number: $number) }', { number })

function viewer(
  name: string,
  { sites = ['BPNS00000000001A'], wave = 1 }: { sites?: readonly string[]; wave?: number | null } = {},
): Viewer {
  const partner = { bpnl: `BPNL${name.padStart(12, '0')}`, name, roles: ['RETAILER'], sites, wave } as const
  return { partner, clientId: name, scopes: new Set(), epoch: name, operationCostLimit: 1, costPerMinute: 1 }
}
const [anna, bert, carl] = [viewer('anna'), viewer('bert'), viewer('carl')]

const running: WarmUp[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map(warmUp => warmUp.stop()))
})

/** Parts logistics and wholesale finance are closed until a test opens them. */
function gateway(options: Partial<WarmUpOptions> = {}) {
  const closed = { lifecycle: 'VERIFIED' } as const
  const recovery = recoveryOf({ PARTS_LOGISTICS: closed, WHOLESALE_FINANCE: closed })
  const counters = createCounters()
  const clock = { ms: Date.parse('2025-10-07T08:00:00Z'), now: () => clock.ms }
  const lines: Record<string, unknown>[] = []
  const refreshed: string[] = []
  const ended = Promise.withResolvers<void>()
  const refresh = options.refresh ?? (async () => {})
  const warmUp = createWarmUp({
    recovery,
    isServedTo: (system, { partner }) => isServed(recovery.current().state.systems[system], partner.wave),
    isCurrent: () => true,
    isBusy: () => false,
    questions: 10,
    atOnce: 1,
    clock,
    log: createLog({
      level: 'info',
      destination: watched(line => {
        lines.push(JSON.parse(line))
        if ('end' in JSON.parse(line)) ended.resolve()
      }),
    }),
    counters,
    ...options,
    async refresh(question, viewer) {
      refreshed.push(`${viewer.partner.name} ${question.variables.number ?? question.plan.key}`)
      await refresh(question, viewer)
    },
  })
  running.push(warmUp)
  const open = (...systems: readonly SystemKey[]) =>
    recovery.declare(
      declaredState({
        ...(!systems.includes('PARTS_LOGISTICS') && { PARTS_LOGISTICS: closed }),
        ...(!systems.includes('WHOLESALE_FINANCE') && { WHOLESALE_FINANCE: closed }),
      }),
    )
  const times = (count: number, question: Question, who: Viewer) => {
    for (let time = 0; time < count; time += 1) warmUp.asked(question, who)
  }
  const count = (outcome: string) =>
    counters.snapshot().find(series => series.name === 'warm_up_questions' && series.labels.outcome === outcome)?.value
  return { ...warmUp, recovery, clock, lines, refreshed, ended: ended.promise, open, times, count }
}

describe('after an opening', () => {
  test('what was asked of the system is asked again, most asked first, as the one who asked it last', async () => {
    const { open, times, refreshed, ended, lines, count } = gateway()
    times(1, part('cold'), anna)
    times(3, part('hot'), anna)
    times(2, part('warm'), anna)
    times(1, part('warm'), bert)
    times(2, part('hot'), anna)
    open('PARTS_LOGISTICS')
    await ended
    expect(refreshed).toEqual(['anna hot', 'bert warm', 'anna cold'])
    expect(count('refreshed')).toBe(3)
    expect(lines).toMatchObject([
      { system: 'PARTS_LOGISTICS', questions: 3 },
      { system: 'PARTS_LOGISTICS', end: 'DONE', refreshed: 3, failed: 0, skipped: 0 },
    ])
  })

  test('nothing of other systems is, nor what reads none', async () => {
    const { open, times, refreshed, ended } = gateway()
    times(5, ask('{ owed }'), anna)
    times(5, ask('{ now }'), anna)
    times(1, part('x'), anna)
    open('PARTS_LOGISTICS')
    await ended
    expect(refreshed).toEqual(['anna x'])
  })

  test('at most so many questions are, and so many at a time', async () => {
    let [current, most] = [0, 0]
    const { open, times, refreshed, ended } = gateway({
      questions: 6,
      atOnce: 2,
      async refresh() {
        most = Math.max(most, ++current)
        await setImmediate()
        await setImmediate()
        current -= 1
      },
    })
    for (let number = 0; number < 20; number += 1) for (const who of [anna, bert]) times(1, part(`${number}`), who)
    open('PARTS_LOGISTICS')
    await ended
    expect([refreshed.length, most]).toEqual([6, 2])
  })

  test('with no questions configured nothing is', async () => {
    const { open, times, stop, lines } = gateway({ questions: 0 })
    times(5, part('x'), anna)
    open('PARTS_LOGISTICS')
    await stop()
    expect(lines).toEqual([])
  })

  test('each answer is asked for once: by those who are given the same, and for each who is given another', async () => {
    const { open, times, refreshed, ended } = gateway()
    times(4, part('shared'), anna)
    times(4, part('shared'), viewer('dora', { wave: 2 }))
    times(3, part('shared'), viewer('elsewhere', { sites: ['BPNS00000000002B'] }))
    times(2, mine('own'), anna)
    times(1, mine('own'), bert)
    open('PARTS_LOGISTICS')
    await ended
    expect(refreshed).toEqual([
      expect.stringMatching(/^(anna|dora) shared$/),
      'elsewhere shared',
      'anna own',
      'bert own',
    ])
  })
})

describe('what counts is', () => {
  test('the crowd of now: yesterday’s is forgotten', async () => {
    const { open, times, refreshed, ended, clock } = gateway()
    times(1_000, part('yesterday'), anna)
    clock.ms += 86_400_000
    times(1, part('today'), bert)
    open('PARTS_LOGISTICS')
    await ended
    expect(refreshed).toEqual(['bert today', 'anna yesterday'])
  })

  test('what many ask: a partner has an eighth of the places for what it asks alone', async () => {
    const { open, times, refreshed, ended } = gateway({ questions: 16 })
    for (let number = 0; number < 50; number += 1) times(100, part(`mine-${number}`), anna)
    for (const who of [bert, carl]) times(1, part('ours'), who)
    open('PARTS_LOGISTICS')
    await ended
    expect(refreshed).toHaveLength(3)
    expect(refreshed).toContain('carl ours')
  })

  test('what others ask, even where one asks without end: it pushes out nothing but its own', async () => {
    const { open, times, refreshed, ended } = gateway()
    times(2, part('theirs'), bert)
    for (let number = 0; number < 5_000; number += 1) times(1, part(`${number} ${'x'.repeat(100)}`), anna)
    open('PARTS_LOGISTICS')
    await ended
    expect(refreshed[0]).toBe('bert theirs')
  })
})

test('what becomes hot finds room in a memory that is full of what was asked once', async () => {
  const { open, times, refreshed, ended } = gateway()
  for (let number = 0; number < 5_000; number += 1) times(1, part(`${number}`), anna)
  times(20, part('hot'), bert)
  open('PARTS_LOGISTICS')
  await ended
  expect(refreshed[0]).toBe('bert hot')
})

describe('nobody is asked for who', () => {
  test('is not served: of a first wave, only those who are in it', async () => {
    const { recovery, times, refreshed, ended } = gateway()
    const late = viewer('late', { wave: 2 })
    times(9, mine('x'), late)
    times(1, part('y'), anna)
    times(9, part('y'), late)
    recovery.declare(declaredState({ PARTS_LOGISTICS: { lifecycle: 'LIMITED_OPEN', waves: [1] } }))
    await ended
    expect(refreshed).toEqual(['anna y'])
  })

  test('has lost its rights, before it began or since', async () => {
    const gone = new Set([bert])
    const { open, times, refreshed, ended, count } = gateway({
      isCurrent: who => !gone.has(who),
      refresh: async () => void gone.add(carl),
    })
    times(3, mine('x'), anna)
    times(2, mine('x'), bert)
    times(1, mine('x'), carl)
    open('PARTS_LOGISTICS')
    await ended
    expect(refreshed).toEqual(['anna x'])
    expect(count('skipped')).toBe(1)
  })
})

describe('it gives way:', () => {
  test('while partners are answered nothing is asked', async () => {
    let looks = 0
    const { open, times, refreshed, ended } = gateway({ isBusy: () => ++looks <= 3 })
    times(1, part('x'), anna)
    open('PARTS_LOGISTICS')
    await setImmediate()
    await setImmediate()
    expect(refreshed).toEqual([])
    await ended
    expect([refreshed, looks]).toEqual([['anna x'], 4])
  })

  test('between two questions the event loop goes round', async () => {
    let rounds = 0
    const seen: number[] = []
    const { open, times, ended } = gateway({ refresh: async () => void seen.push(rounds) })
    for (const number of ['a', 'b', 'c']) for (const who of [anna, bert]) times(1, part(number), who)
    let isOver = false
    void ended.then(() => {
      isOver = true
    })
    open('PARTS_LOGISTICS')
    while (!isOver) {
      await setImmediate()
      rounds += 1
    }
    expect(new Set(seen).size).toBe(3)
  })

  test('after five minutes of others it is over', async () => {
    const { open, times, refreshed, ended, clock, lines } = gateway({
      isBusy() {
        clock.ms += 60_000
        return true
      },
    })
    times(1, part('x'), anna)
    open('PARTS_LOGISTICS')
    await ended
    expect([refreshed, lines.at(-1)]).toEqual([[], expect.objectContaining({ end: 'TOO_LATE' })])
  })
})

describe('it spares the system:', () => {
  const many = (times: (count: number, question: Question, who: Viewer) => void) => {
    for (let number = 0; number < 9; number += 1) for (const who of [anna, bert]) times(1, part(`${number}`), who)
  }

  test('after three failures in a row it asks nothing more', async () => {
    const refresh = async () => Promise.reject(new Error('it does not answer'))
    const { open, times, refreshed, ended, lines, count } = gateway({ refresh })
    many(times)
    open('PARTS_LOGISTICS')
    await ended
    expect([refreshed.length, count('failed')]).toEqual([3, 3])
    expect(lines.at(-1)).toMatchObject({ end: 'FAILING', failed: 3, failure: { message: 'it does not answer' } })
  })

  test('failures between answers do not end it', async () => {
    let calls = 0
    const refresh = async () => (++calls % 3 === 0 ? undefined : Promise.reject(new Error('now and then')))
    const { open, times, ended, count, lines } = gateway({ refresh })
    many(times)
    open('PARTS_LOGISTICS')
    await ended
    expect([count('refreshed'), count('failed')]).toEqual([3, 6])
    expect(lines.at(-1)).toMatchObject({ end: 'DONE' })
  })

  test('as soon as it closes again it asks nothing more', async () => {
    const { open, times, refreshed, ended, lines } = gateway({ refresh: async () => void open() })
    many(times)
    open('PARTS_LOGISTICS')
    await ended
    expect(refreshed).toHaveLength(1)
    expect(lines.at(-1)).toMatchObject({ end: 'OVERTAKEN', refreshed: 1 })
  })

  test('opened again while it is being asked, it is asked anew once the first run has ended', async () => {
    const gate = Promise.withResolvers<void>()
    let [current, most, calls] = [0, 0, 0]
    const { open, times, stop, lines, refreshed } = gateway({
      questions: 16,
      async refresh() {
        most = Math.max(most, ++current)
        if (++calls === 1) await gate.promise
        current -= 1
        if (calls === 3) over.resolve()
      },
    })
    const over = Promise.withResolvers<void>()
    for (const number of ['a', 'b']) for (const who of [anna, bert]) times(1, part(number), who)
    open('PARTS_LOGISTICS')
    while (calls === 0) await setImmediate()
    open()
    open('PARTS_LOGISTICS')
    for (let round = 0; round < 5; round += 1) await setImmediate()
    expect(refreshed).toHaveLength(1)
    gate.resolve()
    await over.promise
    await stop()
    expect([refreshed.length, most]).toEqual([3, 1])
    expect(lines.map(({ end }) => end ?? 'BEGUN')).toEqual([
      'BEGUN',
      'OVERTAKEN',
      'BEGUN',
      expect.stringMatching(/DONE|STOPPING/),
    ])
  })
})

test('stopped, it waits for what it asks, and asks nothing more, now or at another opening', async () => {
  const gate = Promise.withResolvers<void>()
  const { open, times, stop, refreshed, lines } = gateway({ refresh: () => gate.promise })
  for (const number of ['a', 'b']) for (const who of [anna, bert]) times(1, part(number), who)
  open('PARTS_LOGISTICS', 'WHOLESALE_FINANCE')
  while (refreshed.length === 0) await setImmediate()
  let hasStopped = false
  const stopping = stop().then(() => {
    hasStopped = true
  })
  await setImmediate()
  expect(hasStopped).toBe(false)
  gate.resolve()
  await stopping
  open()
  open('PARTS_LOGISTICS')
  await setImmediate()
  expect(refreshed).toHaveLength(1)
  expect(lines.at(-1)).toMatchObject({ end: 'STOPPING' })
})
