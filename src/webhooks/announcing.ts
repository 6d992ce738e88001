import { ensureError } from '../model/errors.ts'
import type { Log } from '../observe/log.ts'
import type { Endpoint } from './endpoint.ts'
import { bulletinOf } from './news.ts'
import type { Outbox } from './outbox.ts'
import type { Readers } from './readers.ts'

/**
 * Puts into the outbox what has changed in the restart for each endpoint: what its partner may read now, held against what
 * it was told last. So it does not matter which instance sees a change, how many do, or whether none ran when it came about.
 */
export interface Announcing {
  /** Says that something may have changed. */
  note(): void
  /** Takes up what was noted and is not in the outbox yet; resolves when it is, or when it could not be put there. */
  settle(): Promise<void>
}

export interface AnnouncingOptions {
  readonly endpoints: readonly Endpoint[]
  readonly readers: Readers
  readonly outbox: Pick<Outbox, 'tell'>
  readonly now: () => number
  /** Called when there is something new to be sent. */
  readonly onNews: () => void
  readonly log: Pick<Log, 'info' | 'warn'>
}

export function createAnnouncing(options: AnnouncingOptions): Announcing {
  const { endpoints, readers, outbox, now, onNews, log } = options
  /** Those that have still to be told what was noted. */
  let waiting: ReadonlySet<Endpoint> = new Set()
  let flight: Promise<void> | null = null
  let isFailing = false

  async function tell({ partner, key }: Endpoint): Promise<void> {
    const reading = await readers.readAs(partner)
    // Where it may read nothing now, it hears of it when it may again.
    if (reading !== null && (await outbox.tell(key, bulletinOf(reading, now()), now())) > 0) onNews()
  }

  async function tellAll(): Promise<void> {
    const left = new Set<Endpoint>()
    const taken = waiting
    let failure: Error | null = null
    waiting = new Set()
    for (const endpoint of taken) {
      try {
        await tell(endpoint)
      } catch (thrown) {
        left.add(endpoint)
        failure ??= ensureError(thrown)
      }
    }
    waiting = new Set([...waiting, ...left])
    if (failure !== null && !isFailing) log.warn({ error: failure }, 'webhooks cannot be queued; trying again')
    if (failure === null && isFailing) log.info({}, 'webhooks are queued again')
    isFailing = failure !== null
  }

  return {
    note() {
      waiting = new Set(endpoints)
    },
    async settle() {
      // What is noted while it is under way is for the next one.
      await flight
      if (waiting.size === 0) return
      flight ??= tellAll().finally(() => {
        flight = null
      })
      await flight
    },
  }
}
