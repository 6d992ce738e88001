/**
 * Dates and times of the data, counted in days from the anchor: the instant that all data is as of. Day 0 is the
 * anchor's day in UTC. Nothing that has happened is later than the anchor: `past` sees to it.
 */
export interface Calendar {
  /** The anchor, RFC 3339. */
  readonly anchor: string
  /** `yyyy-mm-dd`. */
  date(day: number): string
  /** RFC 3339 in UTC with milliseconds. */
  time(day: number, minuteOfDay: number): string
  /** The same for something that has happened: never later than the anchor. */
  past(day: number, minuteOfDay: number): string
  /** 0 is Sunday. */
  weekday(day: number): number
  isWorkingDay(day: number): boolean
  /** The first working day on or after this day. */
  workingDayFrom(day: number): number
  /** The last working day on or before this day. */
  workingDayUntil(day: number): number
  /** The first Thursday on or after this day: the weekly payment run. */
  thursdayFrom(day: number): number
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

const { floor, min } = Math

/** Made once for each number: rows are many, days and minutes of a day are few. */
function remembered(make: (number: number) => string): (number: number) => string {
  const made = new Map<number, string>()
  return number => {
    const known = made.get(number)
    if (known !== undefined) return known
    const text = make(number)
    made.set(number, text)
    return text
  }
}

/** Throws where the anchor is not an RFC 3339 time. */
export function createCalendar(anchor: string): Calendar {
  const anchorMs = Date.parse(anchor)
  if (Number.isNaN(anchorMs)) throw new TypeError(`the anchor "${anchor}" is not a time such as 2025-10-08T05:30:00Z`)
  const anchorDay = Math.floor(anchorMs / DAY_MS)
  const millisecond = (day: number, minute: number) => (anchorDay + day) * DAY_MS + minute * MINUTE_MS
  // 1 January 1970 was a Thursday.
  const weekday = (day: number) => (((anchorDay + day + 4) % 7) + 7) % 7
  const isWorkingDay = (day: number) => weekday(day) % 6 !== 0
  const step = (from: number, by: number) => {
    let day = from
    while (!isWorkingDay(day)) day += by
    return day
  }
  const date = remembered(day => new Date(millisecond(day, 0)).toISOString().slice(0, 10))
  const timeOfDay = remembered(ms => new Date(ms).toISOString().slice(10))
  const instant = (ms: number) => {
    const day = floor(ms / DAY_MS)
    return `${date(day - anchorDay)}${timeOfDay(ms - day * DAY_MS)}`
  }
  return {
    anchor: new Date(anchorMs).toISOString(),
    date,
    time: (day, minute) => instant(millisecond(day, minute)),
    past: (day, minute) => instant(min(millisecond(day, minute), anchorMs)),
    weekday,
    isWorkingDay,
    workingDayFrom: day => step(day, 1),
    workingDayUntil: day => step(day, -1),
    thursdayFrom: day => day + ((4 - weekday(day) + 7) % 7),
  }
}
