import { parentPort, workerData } from 'node:worker_threads'
import { Agent, request } from 'undici'
import { createRandom } from '../../demo/generator/random.ts'
import { startArrivals } from '../support/arrivals.ts'
import { SEED } from '../support/form.ts'
import { createRetrying } from '../support/retrying.ts'
import type { Attempted, Course, CrowdOrder } from './order-crowd.ts'
import { type Asked, judge, mixed, orderLines, temper } from './order-questions.ts'

/** The thread of `order-crowd.ts`: asks from the moment that it starts, and tells what came of it. Its times are of the wall. */
const CONNECTIONS = 4_000

const { url, authorizations, keys, perSecond, attempts } = workerData as CrowdOrder
const dispatcher = new Agent({ connections: CONNECTIONS, pipelining: 1 })
const random = createRandom(SEED, 'crowd')
const attempted: Attempted[] = []
const wall = (ms: number): number => performance.timeOrigin + ms

async function ask({ client, question }: Asked) {
  const { statusCode, headers, body } = await request(`${url}/graphql`, {
    method: 'POST',
    dispatcher,
    headers: { authorization: authorizations[client] ?? '', 'content-type': 'application/json' },
    body: JSON.stringify(question),
  })
  return { status: statusCode, headers, text: await body.text() }
}

const retrying = createRetrying(async n => {
  const asked = keys === null ? orderLines(n) : mixed(createRandom(SEED, 'crowd', n).int(0, keys - 1))
  const fromMs = performance.now()
  const told = judge(asked, await ask(asked))
  attempted.push({
    outcome: told.outcome,
    fromMs: wall(fromMs),
    toMs: wall(performance.now()),
    retryAfterSeconds: told.retryAfterMs === null ? null : told.retryAfterMs / 1_000,
  })
  return temper(told, n, random)
}, attempts)
const requests: Course['requests'][number][] = []
const load = startArrivals({
  perSecond,
  async ask(n) {
    const outcome = await retrying.ask(n).catch((thrown: unknown) => `LOST: ${thrown}`)
    requests.push({ outcome })
    return outcome
  },
})
parentPort?.postMessage('asking')

// Those who have been told to come back later are not waited for.
parentPort?.once('message', () => {
  void load.stop()
  const [firstMs, repeatedMs] = [retrying.firstMs.map(wall), retrying.repeatedMs.map(wall)]
  parentPort?.postMessage({ attempts: attempted, firstMs, repeatedMs, requests } satisfies Course)
})
