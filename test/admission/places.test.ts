import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { type Crowd, gatherCrowd, type Received } from '../support/crowd.ts'
import { type DeclaredGateway, startGateway } from '../support/gateway.ts'

/** The places of a partner, before systems that answer when the test lets them. */
const CLIENT = 'sample-retailer'
const MOST = 2
const STATUS = { query: '{ viewer { budget { costRemaining } } }' }
const part = (partNumber: string) => ({
  query: 'query P($n: PartNumber!) { part(partNumber: $n) { partNumber } }',
  variables: { n: partNumber },
})

let gateway: DeclaredGateway
let crowd: Crowd
let letGo: () => void
let arrivals: (() => void)[]
beforeEach(async () => {
  const { promise: held, resolve } = Promise.withResolvers<void>()
  letGo = resolve
  arrivals = []
  gateway = await startGateway({
    settings: { warmUp: { questions: 0 }, admission: { inFlightPerPartner: MOST, loopDelayMs: 0 } },
    systems: { deadlineMs: 7_000 },
    connectors: configured =>
      Object.fromEntries(
        Object.entries(configured).map(([key, connector]) => [
          key,
          {
            ...connector,
            async lookup(...asked: Parameters<typeof connector.lookup>) {
              arrivals.shift()?.()
              await held
              return connector.lookup(...asked)
            },
          },
        ]),
      ) as typeof configured,
  })
  crowd = await gatherCrowd(gateway)
})
afterEach(async () => {
  letGo()
  await crowd?.close()
  await gateway?.close()
})

/** Asks, and resolves once a system has been asked. */
async function begin(partNumber: string): Promise<{ readonly answer: Promise<Received> }> {
  const arrived = new Promise<void>(resolve => void arrivals.push(resolve))
  const answer = crowd.ask(CLIENT, part(partNumber))
  await Promise.race([arrived, answer])
  return { answer }
}

test('a partner with every place taken is refused at once and pays nothing; whoever joins, or reads no system, is answered', async () => {
  await crowd.ask(CLIENT, STATUS)
  const begun = [await begin('LR106259'), await begin('LR071050')]
  const refusals = () =>
    gateway.counters.snapshot().find(({ name, labels }) => name === 'partner_refusals' && labels.reason === 'in_flight')
  const state = await crowd.ask(CLIENT, STATUS)
  expect(state.status).toBe(200)
  const refused = await crowd.ask(CLIENT, part('LR453679'))
  expect(refused.status).toBe(429)
  const [{ extensions }] = JSON.parse(refused.text).errors
  expect(extensions).toMatchObject({ code: 'RATE_LIMITED', inFlight: MOST, inFlightLimit: MOST })
  expect(refused.headers['retry-after']).toBe(String(extensions.retryAfterSeconds))
  expect(refused.headers.ratelimit).toBe(state.headers.ratelimit)
  expect(refusals()?.value).toBe(1)

  // The first was of a document that nobody had asked, and so by itself.
  const joined = crowd.ask(CLIENT, part('LR071050'))
  letGo()
  const answers = await Promise.all([...begun.map(({ answer }) => answer), joined])
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  expect(answers[2]?.text).toBe(answers[1]?.text)
  expect((await crowd.ask(CLIENT, part('LR453679'))).status).toBe(200)
})
