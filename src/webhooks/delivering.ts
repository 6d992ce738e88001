import { ensureError } from '../model/errors.ts'
import type { Counters } from '../observe/counters.ts'
import type { Log } from '../observe/log.ts'
import type { Endpoint } from './endpoint.ts'
import { judge } from './judging.ts'
import { bulletinOf, updateIn } from './news.ts'
import type { Claim, Outbox, Outcome } from './outbox.ts'
import type { Readers } from './readers.ts'
import { pauseBeforeRetry } from './retry-schedule.ts'
import type { Receipt, Sender } from './sender.ts'

/**
 * Sends what is due in the outbox: to each endpoint one message after the other, by one instance at a time, and to no
 * partner that may not read it any more.
 */
export interface Delivering {
  /** Sends all that is due, and resolves when nothing is. What goes wrong is in the log, and the next call takes it up. */
  settle(): Promise<void>
  /** Begins nothing more; what is under way is cut off when the grace is over, and is sent again by whoever comes next. */
  stop(graceMs: number): Promise<void>
}

export interface DeliveringOptions {
  readonly endpoints: readonly Endpoint[]
  readonly readers: Readers
  readonly outbox: Pick<Outbox, 'claim' | 'tell' | 'settle'>
  readonly sender: Pick<Sender, 'send'>
  /** The last entry of the journal that this instance has read. */
  readonly sequence: () => number
  readonly timeoutMs: number
  /** Most attempts of one delivery. */
  readonly attempts: number
  /** Most endpoints that are sent to at a time. */
  readonly atOnce: number
  readonly now: () => number
  readonly counters: Pick<Counters, 'count'>
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>
}

/** How much longer an endpoint is kept than an answer is waited for: clocks of instances are never quite the same. */
const LEASE_MARGIN_MS = 60_000

export function createDelivering(options: DeliveringOptions): Delivering {
  const { endpoints, readers, outbox, sender, sequence, timeoutMs, attempts, atOnce, now, counters, log } = options
  const byKey = new Map(endpoints.map(endpoint => [endpoint.key, endpoint]))
  const cutting = new AbortController()
  let isStopping = false
  let isFailing = false
  let serving = 0
  let beside: Promise<void>[] = []
  let failure: Error | null = null
  let isAskedAgain = false
  let flight: Promise<void> | null = null

  /** Null: nothing is due for those who may read. */
  async function claimNext(): Promise<readonly [Claim, Endpoint] | null> {
    const keys = endpoints.filter(({ partner }) => readers.mayRead(partner)).map(({ key }) => key)
    if (isStopping || keys.length === 0) return null
    const claim = await outbox.claim(keys, sequence(), now(), timeoutMs + LEASE_MARGIN_MS)
    const endpoint = byKey.get(claim?.endpoint ?? '')
    return claim === null || endpoint === undefined ? null : [claim, endpoint]
  }

  async function send(claim: Claim, endpoint: Endpoint): Promise<Outcome> {
    const reading = await readers.readAs(endpoint.partner, updateIn(claim.subject))
    if (reading === null) return { kind: 'put back' }
    const bulletin = bulletinOf(reading, now())
    const judgement = judge(claim, bulletin)
    if (judgement === 'overtaken') await outbox.tell(endpoint.key, bulletin, now())
    if (judgement !== 'sendable') return { kind: judgement }
    const receipt = await sender.send({ ...endpoint, id: claim.id, body: claim.body }, cutting.signal)
    return receipt.kind !== 'taken' && cutting.signal.aborted ? { kind: 'put back' } : outcomeOf(receipt, claim)
  }

  function outcomeOf(receipt: Receipt, claim: Claim): Outcome {
    switch (receipt.kind) {
      case 'taken':
        return { kind: 'delivered' }
      case 'gone':
        return { kind: 'gone', failure: 'answered 410' }
      case 'refused': {
        const { failure, askedMs } = receipt
        const retryMs = pauseBeforeRetry({ attempts: claim.attempts + 1, most: attempts, askedMs })
        return { kind: 'failed', failure, retryMs }
      }
      default:
        throw new TypeError(`no receipt: ${JSON.stringify(receipt satisfies never)}`)
    }
  }

  function report(claim: Claim, { id: endpoint }: Endpoint, outcome: Outcome): void {
    const isDead = outcome.kind === 'failed' && outcome.retryMs === null
    counters.count('webhook_deliveries', { endpoint, outcome: isDead ? 'dead' : outcome.kind.replace(' ', '_') })
    const facts = { endpoint, webhookId: claim.id, attempts: claim.attempts + 1 }
    const unsent = { endpoint, webhookId: claim.id, subject: claim.subject }
    if (outcome.kind === 'delivered') log.info(facts, 'a webhook was delivered')
    else if (outcome.kind === 'gone') log.error(facts, 'the receiver of webhooks wants no more of them (410)')
    else if (outcome.kind === 'withdrawn') log.info(unsent, 'a webhook was withdrawn: its partner may not read it now')
    else if (outcome.kind === 'overtaken')
      log.info(unsent, 'a webhook is not sent: it was overtaken, and what is so now is queued in its place')
    else if (outcome.kind === 'failed') {
      const { failure, retryMs } = outcome
      if (isDead) log.error({ ...facts, failure }, 'a webhook was given up')
      else log.warn({ ...facts, failure, retryMs }, 'a webhook could not be delivered; it is tried again')
    }
  }

  async function deliverNext(): Promise<boolean> {
    const next = await claimNext()
    if (next === null) return false
    // Where one is due another may be: it is looked for beside this one, up to the bound.
    if (serving < atOnce) beside.push(serve())
    const [claim, endpoint] = next
    try {
      const outcome = await send(claim, endpoint)
      await outbox.settle(claim, outcome, now())
      report(claim, endpoint, outcome)
    } catch (thrown) {
      await outbox.settle(claim, { kind: 'put back' }, now())
      throw thrown
    }
    return true
  }

  /** Until nothing is due. Never rejects: whoever began it is not waiting for it yet. */
  async function serve(): Promise<void> {
    serving += 1
    try {
      while (await deliverNext()) {}
    } catch (thrown) {
      failure ??= ensureError(thrown)
    } finally {
      serving -= 1
    }
  }

  async function serveAll(): Promise<void> {
    failure = null
    do {
      isAskedAgain = false
      beside = [serve()]
      // Grows while it is waited for.
      for (let begun = beside.shift(); begun !== undefined; begun = beside.shift()) await begun
    } while (isAskedAgain && failure === null && !isStopping)
    if (failure !== null && !isFailing) log.warn({ error: failure }, 'webhooks cannot be sent; trying again')
    if (failure === null && isFailing) log.info({}, 'webhooks are sent again')
    isFailing = failure !== null
  }

  return {
    settle() {
      isAskedAgain = true
      flight ??= serveAll().finally(() => {
        flight = null
      })
      return flight
    },
    async stop(graceMs) {
      isStopping = true
      const grace = setTimeout(() => cutting.abort(), graceMs)
      await flight
      clearTimeout(grace)
    },
  }
}
