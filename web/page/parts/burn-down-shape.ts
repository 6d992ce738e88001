import { dateText, shortDateText } from '../times.ts'
import type { Backlog } from '../view.ts'
import { numeral } from '../words.ts'

/** The geometry of a burn-down chart, in the units of its view box, and what it shows in one sentence. */
export interface BurnDownShape {
  readonly width: number
  readonly height: number
  /** Where nothing is open. */
  readonly floor: number
  readonly points: readonly Point[]
  /** Paths of what was measured, and of the surface under it. */
  readonly line: string
  readonly area: string
  /** From the last measurement to the day on which nothing is expected to be open; null: no such day. */
  readonly trend: { readonly path: string; readonly x: number } | null
  readonly ticks: readonly Tick[]
  readonly description: string
}

interface Point {
  readonly x: number
  readonly y: number
}

interface Tick {
  readonly x: number
  readonly text: string
  readonly anchor: 'start' | 'middle' | 'end'
}

const WIDTH = 400
const HEIGHT = 132
const FLOOR = 108
const CEILING = 22
const MARGIN = 6
/** Two labels that are nearer would run into each other. */
const TICK_ROOM = 56

/** Null: with fewer than two measurements there is no line. */
export function burnDownOf({ history, estimatedClearDate, open }: Backlog): BurnDownShape | null {
  const [first] = history
  const last = history.at(-1)
  if (first === undefined || last === undefined || first === last) return null
  const begin = Date.parse(first.measuredAt)
  const latest = Date.parse(last.measuredAt)
  const clear = estimatedClearDate === null ? null : Math.max(latest, Date.parse(`${estimatedClearDate}T12:00:00Z`))
  const end = clear ?? latest
  const most = Math.max(1, ...history.map(measure => measure.open))
  const xOf = (ms: number) => round(MARGIN + ((ms - begin) / Math.max(1, end - begin)) * (WIDTH - 2 * MARGIN))
  const yOf = (count: number) => round(FLOOR - (count / most) * (FLOOR - CEILING))

  const points = history.map(measure => ({ x: xOf(Date.parse(measure.measuredAt)), y: yOf(measure.open) }))
  const line = points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join('')
  const from = points.at(-1) ?? { x: 0, y: FLOOR }
  return {
    width: WIDTH,
    height: HEIGHT,
    floor: FLOOR,
    points,
    line,
    area: `${line}L${from.x} ${FLOOR}L${points[0]?.x ?? 0} ${FLOOR}Z`,
    trend: clear === null ? null : { path: `M${from.x} ${from.y}L${xOf(clear)} ${FLOOR}`, x: xOf(clear) },
    ticks: ticksOf(xOf, first.measuredAt, last.measuredAt, estimatedClearDate),
    description:
      `${numeral(first.open)} were open on ${dateText(first.measuredAt.slice(0, 10))}, and ` +
      `${numeral(open)} on ${dateText(last.measuredAt.slice(0, 10))}. ` +
      (estimatedClearDate === null
        ? 'There is no date yet on which none is expected to be open.'
        : `None is expected to be open on ${dateText(estimatedClearDate)}.`),
  }
}

function ticksOf(xOf: (ms: number) => number, first: string, last: string, clear: string | null): readonly Tick[] {
  const begin: Tick = { x: MARGIN, text: shortDateText(first), anchor: 'start' }
  const today = { x: xOf(Date.parse(last)), text: shortDateText(last) }
  if (clear === null) return [begin, { ...today, x: WIDTH - MARGIN, anchor: 'end' }]
  const end: Tick = { x: WIDTH - MARGIN, text: shortDateText(clear), anchor: 'end' }
  const hasRoom = today.x - begin.x > TICK_ROOM && end.x - today.x > TICK_ROOM
  return hasRoom ? [begin, { ...today, anchor: 'middle' }, end] : [begin, end]
}

const round = (value: number): number => Math.round(value * 10) / 10
