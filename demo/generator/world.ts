import { type Calendar, createCalendar } from './calendar.ts'
import { createPartners, type Partners } from './partners.ts'
import { createRandom, type Random } from './random.ts'
import { type Volumes, volumesAt } from './volumes.ts'

/** What every generator of rows is given: the volumes, the partners, the calendar and its own random numbers. */
export interface World {
  readonly volumes: Volumes
  readonly partners: Partners
  readonly calendar: Calendar
  /** Of all parts: how far their numbers are moved on. */
  readonly partNumberOffset: number
  /** Numbers that depend on the seed, the stream's name and the indices alone. */
  random(stream: string, ...indices: readonly number[]): Random
}

export interface WorldOptions {
  /** A whole number; equal seeds give equal data. */
  readonly seed: number
  readonly scale: number
  /** RFC 3339: the instant that all data is as of. */
  readonly anchor: string
}

/** Throws a RangeError for a scale or a TypeError for a seed or anchor that cannot be. */
export function createWorld({ seed, scale, anchor }: WorldOptions): World {
  if (!Number.isSafeInteger(seed)) throw new TypeError('the seed must be a whole number')
  const volumes = volumesAt(scale)
  return {
    volumes,
    partners: createPartners(seed, volumes),
    calendar: createCalendar(anchor),
    partNumberOffset: createRandom(seed, 'part numbers').int(0, 999_999),
    random: (stream, ...indices) => createRandom(seed, stream, ...indices),
  }
}
