/**
 * Instants, dates and lengths of time in words. Instants are shown in the reader's time zone, which is named; without
 * one (on the server) in UTC. Dates have no zone, and are the same everywhere.
 */

const LOCALE = 'en-GB'

/** `8 October 2025, 17:00 BST`. */
export function instantText(instant: string, timeZone: string): string {
  return `${dayOf(instant, timeZone)}, ${clockText(instant, timeZone)}`
}

/** `8 Oct, 17:00 BST`, for tables and lines that are short. */
export function shortInstantText(instant: string, timeZone: string): string {
  const day = formatter({ timeZone, day: 'numeric', month: 'short', year: 'numeric' }).format(new Date(instant))
  return `${day}, ${clockText(instant, timeZone)}`
}

/** `17:00 BST`. */
export function clockText(instant: string | number, timeZone: string): string {
  const clock = formatter({ timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'short' })
  return clock.format(new Date(instant))
}

/** `8 October 2025` at that instant in that zone. */
export function dayOf(instant: string, timeZone: string): string {
  return formatter({ timeZone, day: 'numeric', month: 'long', year: 'numeric' }).format(new Date(instant))
}

/** `Monday 13 October 2025`, for a date without a time. */
export function dateText(date: string): string {
  const text = formatter({ timeZone: 'UTC', weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })
  return text.format(new Date(`${date}T00:00:00Z`)).replace(',', '')
}

/** `13 Oct`. */
export function shortDateText(date: string): string {
  return formatter({ timeZone: 'UTC', day: 'numeric', month: 'short' }).format(
    new Date(`${date.slice(0, 10)}T00:00:00Z`),
  )
}

const UNITS = [
  ['Y', 'year'],
  ['M', 'month'],
  ['W', 'week'],
  ['D', 'day'],
  ['H', 'hour'],
  ['m', 'minute'],
  ['S', 'second'],
] as const

/** ISO 8601 in words: `P28DT6H` → `28 days 6 hours`. The two greatest units that are not nought. */
export function durationText(duration: string): string {
  const [date = '', time = ''] = duration.replace('P', '').split('T')
  // M is months before the T and minutes after it.
  const text = `${date}${time.replace('M', 'm')}`
  const parts = UNITS.flatMap(([mark, unit]) => {
    const amount = Number(new RegExp(`([\\d.]+)${mark}`).exec(text)?.[1] ?? 0)
    return amount === 0 ? [] : [`${Math.floor(amount)} ${unit}${Math.floor(amount) === 1 ? '' : 's'}`]
  })
  return parts.slice(0, 2).join(' ') || '0 seconds'
}

const formatters = new Map<string, Intl.DateTimeFormat>()

/** Made once for each form: making one takes longer than using it a thousand times. */
function formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify(options)
  const known = formatters.get(key) ?? new Intl.DateTimeFormat(LOCALE, options)
  formatters.set(key, known)
  return known
}
