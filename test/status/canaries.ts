import type { RecoveryState } from '../../src/recovery/state.ts'

/**
 * A state in which every text and every time is one that stands nowhere else: what is found of them somewhere says where in
 * the state it came from.
 */
export interface Marked {
  readonly state: RecoveryState
  /** The place of each mark, such as `systems.PARTS_LOGISTICS.transitions[].signedBy.name`. */
  readonly places: ReadonlyMap<string, string>
}

const INSTANT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d):\d\d\.\d{3}Z$/
/** Words of closed lists, dates, durations, digests and business partner numbers: they have to stay what they are. */
const FORMED = /^(?:[A-Z0-9_]+|\d{4}-\d\d-\d\d|[0-9a-f]{64}|)$/

export function marked(state: RecoveryState): Marked {
  const places = new Map<string, string>()

  function markOf(text: string): string {
    const number = places.size + 1
    const [, minute] = INSTANT.exec(text) ?? []
    if (minute === undefined) return `canary-${number}-`
    const [seconds, ms] = [Math.floor(number / 1_000), number % 1_000]
    return `${minute}:${String(seconds).padStart(2, '0')}.${String(ms).padStart(3, '0')}Z`
  }

  function walk(value: unknown, place: string): unknown {
    if (typeof value === 'string') {
      if (FORMED.test(value)) return value
      const mark = markOf(value)
      places.set(mark, place)
      return mark
    }
    if (Array.isArray(value)) return value.map(item => walk(item, `${place}[]`))
    if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, walk(item, `${place}{}`)]))
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, walk(item, place === '' ? name : `${place}.${name}`)]),
    )
  }

  return { state: walk(state, '') as RecoveryState, places }
}

/** The places whose marks stand in a text, each once, sorted. */
export function placesIn(text: string, { places }: Marked): readonly string[] {
  return [...new Set([...places].filter(([mark]) => text.includes(mark)).map(([, place]) => place))].toSorted()
}
