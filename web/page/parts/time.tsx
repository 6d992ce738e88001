import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { dateText, dayOf, instantText, shortDateText, shortInstantText } from '../times.ts'

/** What the page knows of its reader beside who it is. On the server: UTC, and no time that it is. */
export interface Reader {
  /** IANA, e.g. `Europe/Bratislava`. */
  readonly timeZone: string
  /** Unix milliseconds, to the minute; null: not known, and nothing is said to be overdue. */
  readonly nowMs: number | null
}

export const ReaderContext = createContext<Reader>({ timeZone: 'UTC', nowMs: null })

/** An instant, in the reader's zone, which is named. */
export function Instant({ at, form = 'long' }: { readonly at: string; readonly form?: 'long' | 'short' | 'day' }) {
  const { timeZone } = useContext(ReaderContext)
  const text = form === 'long' ? instantText : form === 'short' ? shortInstantText : dayOf
  return <time dateTime={at}>{text(at, timeZone)}</time>
}

/** A calendar date. */
export function CalendarDate({ on, form = 'long' }: { readonly on: string; readonly form?: 'long' | 'short' }) {
  return <time dateTime={on}>{form === 'long' ? dateText(on) : shortDateText(on)}</time>
}

/** By when the next update was promised: once that is over, it says so. */
export function Promised({ by, before = '' }: { readonly by: string; readonly before?: string }) {
  const { nowMs } = useContext(ReaderContext)
  const isOver = nowMs !== null && nowMs > Date.parse(by)
  const words = `${before} ${isOver ? 'was due by' : 'due by'} `.trimStart()
  return (
    <>
      {words.charAt(0).toUpperCase() + words.slice(1)}
      <Instant at={by} />
    </>
  )
}
