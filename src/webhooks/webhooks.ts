import type { PGlite } from '@electric-sql/pglite'
import type { Config } from '../config/load-config.ts'
import type { Clock } from '../model/clock.ts'
import { ensureError } from '../model/errors.ts'
import { ConfigError } from '../model/operator-file.ts'
import type { Counters } from '../observe/counters.ts'
import type { Gauge } from '../observe/gauges.ts'
import type { Log } from '../observe/log.ts'
import type { Recovery } from '../recovery/recovery.ts'
import { createAnnouncing } from './announcing.ts'
import { createDelivering } from './delivering.ts'
import { readEndpoints } from './endpoint.ts'
import { webhookGauges } from './gauges.ts'
import { testNews } from './news.ts'
import { openOutbox } from './open-outbox.ts'
import { createReaders, type ReadersOptions } from './readers.ts'
import { createSender } from './sender.ts'
import { type DeadView, deadView, type EndpointView, endpointView } from './views.ts'

/**
 * Webhooks: tells partners by HTTP what changes in the restart, so that they need not ask. Opened by the composition root
 * where endpoints are configured; every instance may queue and send, and the outbox sees to it that one does.
 */
export interface Webhooks {
  /** Begins to follow the restart and to send. Not before the restart can be read as a partner. */
  start(): void
  /** Queues what has changed, and sends all that is due. */
  settle(): Promise<void>
  views(): Promise<readonly EndpointView[]>
  dead(): Promise<readonly DeadView[]>
  /**
   * Tries what was given up again, and takes the endpoint up again: all of it, or the one with this id; where that was not given
   * up there, nothing is changed. Resolves to how many; null: there is no such endpoint.
   */
  retry(endpoint: string, id: string | null): Promise<number | null>
  /** Queues a message that says nothing of the restart, where it would be sent. Null: there is no such endpoint. */
  test(endpoint: string): Promise<TestAnswer | null>
  readonly gauges: readonly Gauge[]
  close(): Promise<void>
}

export type TestAnswer =
  | { readonly kind: 'queued' }
  /** It has answered 410, and is sent nothing. */
  | { readonly kind: 'gone'; readonly since: string }
  /** Its partner may not read the restart, so that it is sent nothing. */
  | { readonly kind: 'no right' }

export interface WebhooksOptions extends Omit<ReadersOptions, 'recovery'> {
  readonly recovery: Recovery
  /** The embedded database; null where the configuration has none. */
  readonly embedded: (() => Promise<PGlite>) | null
  readonly clock: Clock
  readonly counters: Counters
  readonly log: Log
}

/** Between two looks for what is due. */
const LOOK_MS = 1_000
/** Between two looks at how the endpoints stand, for their gauges, in looks for what is due. */
const LOOKS_A_VIEW = 15
/** How long what is under way may take when the gateway stops. */
const STOP_GRACE_MS = 2_000

/** Null: no endpoint is configured. Throws `ConfigError` where secrets cannot be read, or the outbox not be used. */
export async function openWebhooks(
  { webhooks: settings, recovery: restart }: Pick<Config, 'webhooks' | 'recovery'>,
  options: WebhooksOptions,
): Promise<Webhooks | null> {
  if (settings.endpoints.length === 0) return null
  const { recovery, clock, counters, log } = options
  const { now } = clock
  const endpoints = await readEndpoints(settings.endpoints)
  const keys = endpoints.map(({ key }) => key)
  const outbox = await openOutbox({ recovery: restart, embedded: options.embedded, log })
  await outbox.prepare(keys).catch(async (thrown: unknown) => {
    await outbox.close()
    throw new ConfigError(
      [
        `webhooks: their outbox beside the journal cannot be used: ${ensureError(thrown).message}; have the owner of the database run the SQL of journal schema again`,
      ],
      { cause: thrown },
    )
  })
  const readers = createReaders(options)
  const sender = createSender({ timeoutMs: settings.timeoutMs, now })
  const delivering = createDelivering({
    ...settings,
    endpoints,
    readers,
    outbox,
    sender,
    sequence: () => recovery.current().state.head.sequence,
    now,
    counters,
    log,
  })
  const announcing = createAnnouncing({
    endpoints,
    readers,
    outbox,
    now,
    onNews: () => void delivering.settle(),
    log,
  })
  const find = (id: string) => endpoints.find(endpoint => endpoint.id === id)
  let seen: readonly EndpointView[] = []
  let looks = 0
  let stopFollowing = () => {}
  let looking: NodeJS.Timeout | undefined

  async function settle(): Promise<void> {
    await announcing.settle()
    await delivering.settle()
  }

  async function views(): Promise<readonly EndpointView[]> {
    const standings = new Map((await outbox.standing(keys)).map(standing => [standing.endpoint, standing]))
    seen = endpoints.map(endpoint =>
      endpointView(endpoint, standings.get(endpoint.key), readers.mayRead(endpoint.partner)),
    )
    return seen
  }

  function look(): void {
    void settle()
    // Where it cannot be read now, gauges show what was seen last, and what is sent has said so in the log.
    if (looks++ % LOOKS_A_VIEW === 0) views().catch(() => {})
  }

  return {
    start() {
      announcing.note()
      stopFollowing = recovery.onChange(() => {
        announcing.note()
        void settle()
      })
      looking = setInterval(look, LOOK_MS).unref()
      look()
    },
    settle,
    views,
    async dead() {
      const ids = new Map(endpoints.map(({ key, id }) => [key, id]))
      return (await outbox.dead(keys)).map(delivery => deadView(ids.get(delivery.endpoint) ?? '', delivery))
    },
    async retry(id, message) {
      const endpoint = find(id)
      if (endpoint === undefined) return null
      const count = await outbox.retry(endpoint.key, message, now())
      if (message !== null && count === 0) return count
      // An endpoint that was gone has been told nothing meanwhile.
      announcing.note()
      void settle()
      return count
    },
    async test(id) {
      const endpoint = find(id)
      if (endpoint === undefined) return null
      if (!readers.mayRead(endpoint.partner)) return { kind: 'no right' }
      const disabledMs = await outbox.put(endpoint.key, testNews(id, now()), now())
      if (disabledMs !== null) return { kind: 'gone', since: new Date(disabledMs).toISOString() }
      void settle()
      return { kind: 'queued' }
    },
    gauges: webhookGauges(() => seen, now),
    async close() {
      stopFollowing()
      clearInterval(looking)
      await delivering.stop(STOP_GRACE_MS)
      await announcing.settle()
      await sender.close()
      await outbox.close()
    },
  }
}
