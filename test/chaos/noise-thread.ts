import { parentPort, workerData } from 'node:worker_threads'
import { startArrivals } from '../support/arrivals.ts'
import { createClient, outcomeOf } from '../support/client.ts'
import { RETAILER_QUESTIONS, type RetailerQuestion } from './retailer-questions.ts'

/** The thread of `noise.ts`: one partner, who asks at a constant rate until it is told to stop. */
export interface NoiseOrder {
  readonly url: string
  readonly authorization: string
  readonly question: RetailerQuestion
  readonly perSecond: number
}

const { url, authorization, question, perSecond } = workerData as NoiseOrder
const client = createClient({ connections: 512 })
const untimed: string[] = []
const arrivals = startArrivals({
  perSecond,
  async ask(n) {
    const reply = await client.ask(url, { authorization, question: RETAILER_QUESTIONS[question](n) })
    if (reply.status !== 200 && !(Number(reply.headers['retry-after']) > 0)) untimed.push(outcomeOf(reply))
    return outcomeOf(reply)
  },
})
parentPort?.postMessage('started')
// Listened to until the end: what arrives keeps no thread alive.
parentPort?.on('message', async () => {
  parentPort?.postMessage({ asked: await arrivals.stop(), untimed })
  await client.close()
})
