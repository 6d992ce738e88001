import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { SYSTEM_KEYS, type SystemKey } from '../../src/model/system.ts'
import { startArrivals } from '../support/arrivals.ts'
import type { Reply } from '../support/client.ts'
import { FAULTS, type Fault } from '../support/fault-proxy.ts'
import { exactly, quantile, report } from '../support/figures.ts'
import { sized } from '../support/form.ts'
import { describeWith } from '../support/needs.ts'
import { until } from '../support/shared-store.ts'
import { QUESTIONS, REFRESH_SECONDS, startThreeSources, type ThreeSources } from './three-sources.ts'

/**
 * Every fault of a network, a dying server or a disk, between the gateway and each of the three systems in turn: what that
 * system answers is right or a typed error, in time, and the others do not notice. They are asked at a constant rate, by
 * turns with and without a fault beside them.
 */

const DEADLINE_MS = 1_500
/** Of a request as its client sees it. */
const LONGEST_MS = 2_000
const BLOCK_MS = sized(250, 4_000)
/** Without a fault, for as long as it takes to see that all is well. */
const CALM_MS = sized(250, 4_000)
const OTHERS_PER_SECOND = sized(40, 60)
/** So few that a fault does not open the breaker: with it open, a fault would be met by nobody. */
const FAULTY_PER_SECOND = sized(8, 2)
const CALM_ATTEMPTS = 10
const TYPED = ['SYSTEM_UNAVAILABLE', 'DEADLINE_EXCEEDED', 'SYSTEM_DATA_INVALID']

interface Block {
  readonly name: string
  /** Of the system under test, in a word each. */
  readonly outcomes: readonly string[]
  readonly tookMs: readonly number[]
  readonly othersMs: readonly number[]
  /** What came to others instead of an answer. */
  readonly othersChanged: readonly string[]
}

describeWith(['postgres'], 'a fault between the gateway and a system', () => {
  let sources: ThreeSources
  /** The right answers, without their times. */
  const healthy = new Map<string, string>()
  const undisturbed: Block[] = []
  const faulty: Block[] = []
  const outcomesOf = new Map<string, string>()
  let asked = 0

  beforeAll(async () => {
    sources = await startThreeSources({ deadlineMs: DEADLINE_MS, connectTimeoutMs: DEADLINE_MS - 200 })
    for (const system of SYSTEM_KEYS)
      for (let n = 0; n < QUESTIONS; n += 1)
        // The first have to wait for connections, and on a busy machine for longer than they may.
        await until(async () => {
          const reply = await sources.ask(system, n)
          healthy.set(`${system} ${n}`, withoutTimes(system, reply))
          return reply.body.errors === undefined
        })
  })
  afterAll(() => sources?.stop(), 60_000)

  /** What the answer says, but for when it is as of: of files, it may be any drop that is whole. */
  function withoutTimes(system: SystemKey, { body }: Reply): string {
    const text = JSON.stringify(body)
    if (system !== 'PRODUCTION_SCHEDULE') return text
    return text.replace(/"asOf":"([^"]+)"/, (all, asOf) =>
      sources.wholeDrops.has(new Date(asOf).toISOString()) ? '"asOf":"…"' : all,
    )
  }

  /** In a word; `WRONG` is whatever is neither the right answer nor a typed error alone. */
  async function outcomeOf(system: SystemKey, isOwn: boolean): Promise<string> {
    asked += 1
    // A failure is remembered for a while, of what was asked: who asks beside it asks something else.
    const n = (asked % (QUESTIONS / 2)) + (isOwn ? QUESTIONS / 2 : 0)
    const reply = await sources.ask(system, n)
    if (withoutTimes(system, reply) === healthy.get(`${system} ${n}`)) return 'ANSWERED'
    const code = String(reply.body.errors?.[0]?.extensions.code)
    const isEmpty = Object.values(reply.body.data ?? {}).every(value => value === null)
    return isEmpty && TYPED.includes(code) ? code : 'WRONG'
  }

  /** Asks the system itself now and then, and the two others at a constant rate. */
  async function block(system: SystemKey, name: string, durationMs: number): Promise<Block> {
    const others = SYSTEM_KEYS.filter(key => key !== system)
    const own = startArrivals({ perSecond: FAULTY_PER_SECOND, ask: () => outcomeOf(system, true) })
    const beside = startArrivals({
      perSecond: OTHERS_PER_SECOND,
      async ask(n) {
        const other = others[n % others.length] ?? system
        const outcome = await outcomeOf(other, false)
        return outcome === 'ANSWERED' ? outcome : `${other} ${outcome}`
      },
    })
    await setTimeout(durationMs)
    const [ofOthers, ofItself] = [await beside.stop(), await own.stop()]
    return {
      name,
      outcomes: ofItself.map(({ outcome }) => outcome),
      tookMs: ofItself.map(({ tookMs }) => tookMs),
      othersMs: ofOthers.map(({ tookMs }) => tookMs),
      othersChanged: ofOthers.map(({ outcome }) => outcome).filter(outcome => outcome !== 'ANSWERED'),
    }
  }

  /** Without a fault; once more where it was the machine that had a question wait for too long. */
  async function calm(system: SystemKey): Promise<Block> {
    for (let attempt = 1; ; attempt += 1) {
      const found = await block(system, 'none', CALM_MS)
      const disturbed = [...found.outcomes.filter(outcome => outcome !== 'ANSWERED'), ...found.othersChanged]
      if (disturbed.length === 0) return found
      expect(disturbed.join()).not.toContain('WRONG')
      if (attempt === CALM_ATTEMPTS) throw new Error(`without a fault: ${disturbed}`)
    }
  }

  test('the questions have answers to lose', () => {
    for (const text of healthy.values()) expect(text).not.toMatch(/"errors"|:\[\]|:null|LAST_KNOWN_GOOD/)
  })

  describe.each(FAULTS)('%s', fault => {
    test.each(SYSTEM_KEYS)(
      'before %s: a typed error in time or the right answer, and nothing else changes',
      async system => {
        undisturbed.push(await calm(system))

        await sources.lay(system, fault)
        // Files are looked at now and then.
        if (system === 'PRODUCTION_SCHEDULE') await setTimeout(REFRESH_SECONDS * 1_000 + 100)
        const during = await block(system, `${system} ${fault}`, BLOCK_MS).finally(() => sources.lay(system, null))
        await until(async () => (await outcomeOf(system, true)) === 'ANSWERED')
        faulty.push(during)
        const outcomes = [...new Set(during.outcomes)]
        outcomesOf.set(during.name, outcomes.join())
        expect(outcomes).not.toContain('WRONG')
        if (isSurvived(system, fault)) expect(outcomes).toEqual(['ANSWERED'])
        // One page at a time may be in a cache, and is right.
        else expect(outcomes.filter(outcome => outcome !== 'ANSWERED')).not.toEqual([])
        // Several times the deadline: what must not be is a wait without end.
        expect(Math.max(...during.tookMs)).toBeLessThan(DEADLINE_MS * 5)
        expect(during.othersChanged).toEqual([])
      },
    )
  })

  /** Beside faults of which system, and of which kind: to see where a difference comes from. */
  function p99By(part: (name: string) => string): string {
    const blocks = Map.groupBy(faulty, ({ name }) => part(name))
    const entries = [...blocks].map(([name, of]) => {
      const p99 = quantile(
        of.flatMap(({ othersMs }) => othersMs),
        0.99,
      )
      return [name, Number(p99.toFixed(1))]
    })
    return JSON.stringify(Object.fromEntries(entries))
  }

  function slowestBeside(): string {
    const slowest = faulty.map(({ name, othersMs }) => ({ name, ms: Math.max(...othersMs) }))
    const { name, ms } = slowest.reduce((most, each) => (each.ms > most.ms ? each : most))
    return `${ms.toFixed(0)} ms (${name})`
  }

  test('none waits beyond its deadline, is told anything wrong, or notices a fault of another system', () => {
    const all = faulty.flatMap(({ outcomes }) => outcomes)
    const others = (blocks: readonly Block[]) => blocks.flatMap(({ othersMs }) => othersMs)
    const p99 = (blocks: readonly Block[]) => quantile(others(blocks), 0.99)
    const every = (from: number) => undisturbed.filter((_, index) => index % 2 === from)
    const count = (outcome: string) => all.filter(each => each === outcome).length
    report(9, {
      'faults laid': { value: faulty.length, ...exactly(SYSTEM_KEYS.length * FAULTS.length) },
      'wrong answers': { value: count('WRONG'), ...exactly(0), of: all.length },
      'answers of other systems changed': {
        value: faulty.reduce((sum, { othersChanged }) => sum + othersChanged.length, 0),
        ...exactly(0),
        of: others(faulty).length,
      },
      'typed errors': TYPED.reduce((sum, code) => sum + count(code), 0),
      answered: count('ANSWERED'),
      slowest: {
        value: Math.max(...faulty.flatMap(({ tookMs }) => tookMs)),
        atMost: LONGEST_MS,
        unit: 'ms',
        isTimed: true,
      },
      "others' p99 without a fault": { value: p99(undisturbed), unit: 'ms' },
      "others' p99 beside one": { value: p99(faulty), atMost: p99(undisturbed) * 1.1, unit: 'ms', isTimed: true },
      "others' p99 in ms, by system and by fault": `${p99By(name => name.split(' ')[0] ?? '')} ${p99By(name => name.split(' ')[1] ?? '')}`,
      "others' slowest beside one, and which": slowestBeside(),
      'how far two halves without a fault are apart': {
        value: (p99(every(0)) / p99(every(1)) - 1) * 100,
        unit: '%',
      },
      outcomes: JSON.stringify(Object.fromEntries(outcomesOf)),
    })
  })
})

/** What is only slow is answered; and so are files, whatever becomes of them: the last drop that was whole is read from a copy. */
const isSurvived = (system: SystemKey, fault: Fault) => fault === 'latency' || system === 'PRODUCTION_SCHEDULE'
