/**
 * Events for one reader, kept from the moment they are pushed until they are read, up to a bound. Made by whoever knows
 * of the events; its reader ends it with `return`, as a `for await` does. Nothing is kept of a feed that has ended.
 */
export interface EventFeed<T> {
  push(event: T): void
  readonly events: AsyncIterableIterator<T>
}

/** The reader did not keep up, and events are lost: what it reads from here on would not be the whole. */
export class FeedOverflow extends Error {
  override readonly name = 'FeedOverflow'
}

export interface EventFeedOptions {
  /** Most events that wait to be read. One more ends the feed: its reader meets `FeedOverflow`. */
  readonly max: number
  /** Called once, as soon as the feed has ended. */
  readonly onEnd: () => void
}

export function createEventFeed<T>({ max, onEnd }: EventFeedOptions): EventFeed<T> {
  const waiting: T[] = []
  let reader: PromiseWithResolvers<IteratorResult<T>> | null = null
  let hasEnded = false
  let overflow: FeedOverflow | null = null

  function end(): void {
    if (hasEnded) return
    hasEnded = true
    waiting.length = 0
    reader?.resolve({ done: true, value: undefined })
    reader = null
    onEnd()
  }

  return {
    push(event) {
      if (hasEnded) return
      if (reader !== null) {
        reader.resolve({ done: false, value: event })
        reader = null
      } else if (waiting.length < max) waiting.push(event)
      else {
        overflow = new FeedOverflow(`more than ${max} events wait to be read`)
        end()
      }
    },
    events: {
      [Symbol.asyncIterator]() {
        return this
      },
      async next() {
        if (overflow !== null) throw overflow
        const event = waiting.shift()
        if (event !== undefined) return { done: false, value: event }
        if (hasEnded) return { done: true, value: undefined }
        if (reader !== null) throw new TypeError('a feed has one reader, which waits for one event at a time')
        reader = Promise.withResolvers()
        return reader.promise
      },
      async return() {
        end()
        return { done: true, value: undefined }
      },
    },
  }
}
