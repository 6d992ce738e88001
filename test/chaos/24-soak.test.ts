import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createRandom } from '../../demo/generator/random.ts'
import { startArrivals, tally } from '../support/arrivals.ts'
import { type Client, createClient, type Reply } from '../support/client.ts'
import { exactly, progress, report } from '../support/figures.ts'
import { IS_FULL, SEED, sized } from '../support/form.ts'
import { describeWith } from '../support/needs.ts'
import { overSeconds } from '../support/seconds.ts'
import { type Growth, growthOf, riseOf } from './process-course.ts'
import { inTurn, rollingRestart, soakFaults } from './soak-faults.ts'
import {
  drawQuestion,
  judgeSoak,
  SOAK_PARTNERS,
  SOAK_QUESTIONS,
  type SoakAnswer,
  type SoakQuestion,
} from './soak-questions.ts'
import { type Asked, createSoakRecord, LOOK_MS, type Looked, SETTLE_MS, type SoakRecord } from './soak-record.ts'
import { type SoakSite, startSoakSite } from './soak-site.ts'

/**
 * A whole site under a constant load of partners, with something else broken every minute: whatever happens, each is
 * answered rightly or refused for the right reason, nobody sees what is another's, and nothing grows.
 */

const MINUTES = Number(process.env.CHAOS_MINUTES ?? 20)
const FAULT_EVERY_MS = sized(3_000, 60_000)
const FAULT_MS = sized(1_500, 20_000)
const FAULTS = sized(3, MINUTES)
const PER_SECOND = sized(40, 60)
/** How long it is asked on after the last of them. */
const AFTER_MS = sized(2_000, SETTLE_MS / 2)
const PROGRESS_MS = 10_000
const MINUTE_MS = 60_000
const TOKEN_MS = 1_800_000

describeWith(['postgres', 'redis'], 'a whole site, with something broken all the time', () => {
  let soak: SoakSite
  let client: Client
  const right = new Map<SoakQuestion, unknown>()
  const tokens = new Map<string, { readonly authorization: string; readonly untilMs: number }>()
  let record: SoakRecord
  /** Connections that broke under a request. */
  let broken = 0

  beforeAll(async () => {
    soak = await startSoakSite()
    record = createSoakRecord(soak)
    // Connections that a fault has had it open do not count as the gateway's for longer than the fault.
    client = createClient({ connections: 256, idleMs: 2_000 })
    for (const [index, question] of SOAK_QUESTIONS.entries()) {
      const { status, body } = await send(question, index % 2)
      if (status !== 200 || body.errors !== undefined) throw new Error(`not well before: ${JSON.stringify(body)}`)
      right.set(question, body.data)
    }
  }, 180_000)
  afterAll(async () => {
    await client?.close()
    await soak?.stop()
  })

  async function authorizationOf(name: string): Promise<string> {
    const known = tokens.get(name)
    if (known !== undefined && known.untilMs > performance.now()) return known.authorization
    const authorization = `Bearer ${await soak.site.token(name)}`
    tokens.set(name, { authorization, untilMs: performance.now() + TOKEN_MS })
    return authorization
  }

  async function send({ partner, question }: SoakQuestion, gateway: number): Promise<Reply> {
    const authorization = await authorizationOf(SOAK_PARTNERS[partner]?.client ?? '')
    return client.ask(soak.gateways[gateway]?.partners ?? '', { authorization, question })
  }

  /** As behind a load balancer: what one process does not take, or breaks off, the other is asked. */
  async function balanced(question: SoakQuestion, gateway: number): Promise<Reply> {
    try {
      const reply = await send(question, gateway)
      if (reply.body.errors?.[0]?.extensions.code !== 'SHUTTING_DOWN') return reply
    } catch (thrown) {
      if (!String((thrown as { readonly code?: unknown }).code).includes('ECONNREFUSED')) broken += 1
    }
    return send(question, 1 - gateway)
  }

  async function ask(n: number): Promise<string> {
    const question = drawQuestion(createRandom(SEED, 'soak', n))
    const fromMs = performance.now()
    const answer = judgeSoak(question, right.get(question), await balanced(question, n % 2))
    record.asked.push({ ...answer, question, fromMs, toMs: performance.now() })
    return answer.code === null ? answer.kind : `${answer.kind}: ${answer.code}`
  }

  test(
    'each is answered rightly or refused for the right reason, and nothing grows',
    async () => {
      const faults = soakFaults(soak)
      const { asked, happened, held, isRightRefusal, isServedClosed } = record
      const random = createRandom(SEED, 'soak faults')
      const [any, quiet] = [
        inTurn(faults, random),
        inTurn(
          faults.filter(({ isRestart }) => isRestart !== true),
          random,
        ),
      ]
      const rolling = rollingRestart(soak)
      let brokenByRolling = 0
      const fromMs = performance.now()
      const load = startArrivals({ perSecond: PER_SECOND, ask })
      let isOver = false
      const looking = (async () => {
        for (let toldMs = 0; !isOver; await setTimeout(LOOK_MS)) {
          await record.look()
          if (performance.now() - toldMs < PROGRESS_MS) continue
          toldMs = performance.now()
          const { length } = asked
          const outcomes = JSON.stringify(tally(asked.slice(-PER_SECOND * 10).map(({ kind }) => ({ outcome: kind }))))
          progress(
            24,
            `${length} asked, ${happened.at(-1)?.fault.name ?? 'nothing broken yet'}; the last ones ${outcomes}`,
          )
        }
      })()
      const restarts = Math.ceil(FAULTS / 4)
      for (let index = 0; index < FAULTS; index += 1) {
        const dueMs = fromMs + (index + 0.5) * FAULT_EVERY_MS
        await setTimeout(Math.max(0, dueMs - performance.now()))
        // Memory is watched in the second half: by the same processes, whose caches have had a quarter of the time to fill.
        const isRolling = index === restarts - 1
        const before = broken
        const fault = isRolling ? rolling : index < restarts ? any.next().value : quiet.next().value
        await record.happen(fault, FAULT_MS)
        if (isRolling) brokenByRolling += broken - before
      }
      await setTimeout(Math.max(0, fromMs + FAULTS * FAULT_EVERY_MS + AFTER_MS - performance.now()))
      const arrivals = await load.stop()
      isOver = true
      await looking
      const toMs = performance.now()

      const refused = asked.filter(({ kind }) => kind === 'REFUSED')
      const unexplained = refused.filter(one => !isRightRefusal(one))
      const lost = arrivals.filter(({ outcome }) => outcome.startsWith('LOST'))
      const answered =
        asked.length - unexplained.length - asked.filter(({ kind }) => kind === 'WRONG' || kind === 'FOREIGN').length
      const why = (all: readonly Asked[]) =>
        JSON.stringify(tally(all.map(({ code, question }) => ({ outcome: `${code} of ${question.system}` }))))
      const span = { fromMs, toMs }
      const course = (kind: SoakAnswer['kind']) =>
        overSeconds(
          asked,
          span,
          ({ fromMs }) => fromMs,
          all => all.filter(one => one.kind === kind).length,
        )
      const settledMs = fromMs + (FAULTS / 2) * FAULT_EVERY_MS
      const watched = soak.gateways.map(({ child }) =>
        (held.get(child.pid ?? 0) ?? []).filter(({ atMs }) => atMs > settledMs),
      )

      expect(asked.length).toBeGreaterThan(PER_SECOND * 5)
      expect(happened).toHaveLength(FAULTS)
      report(
        24,
        {
          requests: arrivals.length,
          faults: happened.map(({ fault }) => fault.name).join(', '),
          wrong: {
            value: asked.filter(one => one.kind === 'WRONG' || isServedClosed(one)).length,
            ...exactly(0),
            of: asked.length,
          },
          foreign: { value: asked.filter(({ kind }) => kind === 'FOREIGN').length, ...exactly(0), of: asked.length },
          'answered, or refused for the right reason': {
            value: (100 * answered) / arrivals.length,
            atLeast: 99.9,
            unit: '%',
            isTimed: true,
          },
          'answered rightly': {
            value: (100 * asked.filter(({ kind }) => kind === 'RIGHT').length) / arrivals.length,
            unit: '%',
          },
          'answered rightly with what was known last': {
            value: asked.filter(({ kind, isLastKnown }) => kind === 'RIGHT' && isLastKnown).length,
            // A few short faults may find nothing stale.
            ...(MINUTES >= 10 && IS_FULL && { atLeast: 1 }),
          },
          'refused for the right reason': why(refused.filter(isRightRefusal)),
          'refused for none': why(unexplained),
          lost: lost.length === 0 ? 0 : JSON.stringify(tally(lost)),
          'connections that a rolling restart broke': { value: brokenByRolling, ...exactly(0) },
          ...Object.fromEntries(watched.flatMap((looked, index) => growths(index, looked))),
        },
        [
          {
            title: `What came of the requests of each second, with something broken every ${FAULT_EVERY_MS / 1_000} s`,
            unit: '/s',
            label: 'answered rightly',
            points: course('RIGHT'),
            others: [{ label: 'refused', kind: 'second', points: course('REFUSED') }],
          },
          {
            title: 'Memory of the processes that serve',
            unit: 'MiB',
            points: overSeconds(
              [...held.values()].flat(),
              span,
              ({ atMs }) => atMs,
              all => Math.max(0, ...all.map(({ residentMiB }) => residentMiB)),
            ),
          },
        ],
      )
    },
    (MINUTES + 10) * MINUTE_MS,
  )
})

type Reported = readonly [string, Parameters<typeof report>[1][string]]

/**
 * Of a process, over the second half: shorter ones show nothing. Resident memory goes up and down by minutes, so its peaks are
 * compared; what is in use shows in what full collections of garbage leave.
 */
function growths(index: number, looked: readonly Looked[]): readonly Reported[] {
  const of = (what: string) => `process ${index + 1}: ${what}`
  if (!IS_FULL || looked.length < 4 * 60) return [[of('memory'), `${looked.at(-1)?.residentMiB.toFixed(0)} MiB`]]
  const grows = (what: string, unit: string, { perHour, error }: Growth): readonly Reported[] => [
    [of(`${what} by`), `${perHour.toFixed(1)} ± ${error.toFixed(1)} ${unit}`],
    [of(`${what}, by no less than`), { value: perHour - 2 * error, atMost: 1, unit }],
  ]
  const left = looked.flatMap(({ atMs, leftMiB }) => (leftMiB === null ? [] : [{ atMs, leftMiB }]))
  const descriptors = growthOf(looked, held => held.descriptors, MINUTE_MS)
  return [
    ...grows(
      'heap in use grows',
      'MiB/h',
      growthOf(left, ({ leftMiB }) => leftMiB, MINUTE_MS),
    ),
    ...grows(
      'resident memory grows',
      'MiB/h',
      growthOf(looked, ({ residentMiB }) => residentMiB, 2 * MINUTE_MS),
    ),
    [of('peak of resident memory, beside that of the quarter before'), { value: riseOf(looked), atMost: 1.1 }],
    ...grows('descriptors grow', 'an hour', descriptors),
  ]
}
