/**
 * What a measurement gives: figures to reach, tables for people, raw values for machines. Made by bench/measure/, shown by
 * the rest of this folder; holds no measuring.
 */
export interface Outcome {
  readonly measure: string
  readonly figures: readonly Figure[]
  readonly tables: readonly OutcomeTable[]
  /** What a reader has to know about the figures. */
  readonly notes: readonly string[]
  /** JSON. */
  readonly raw: unknown
  /** By file name: SVG that shows this measurement alone. */
  readonly charts?: Readonly<Record<string, string>>
}

/** A row of the summary. */
export interface Figure {
  readonly what: string
  readonly ours: string
  /** Whom we are measured against, with its value; `–`: nobody. */
  readonly against: string
  /** `–` where there is none. */
  readonly ratio: string
  readonly reach: string
  /** Null: could not be measured here. */
  readonly reached: boolean | null
}

export interface OutcomeTable {
  readonly title: string
  readonly columns: readonly string[]
  /** As many cells each as there are columns; all but the first column are numbers. */
  readonly rows: readonly (readonly string[])[]
}

/** A value, or a ratio, has to be at least or at most this. */
export interface Reach {
  readonly least?: number
  readonly most?: number
}

export interface ComparedFigure {
  readonly what: string
  /** Null: could not be measured. */
  readonly ours: number | null
  readonly against: { readonly name: string; readonly value: number } | null
  readonly unit: string
  /** What `ours / against` has to be. */
  readonly reach: Reach
}

const NOTHING = '–'

/** A figure that is a ratio: ours to somebody's. */
export function comparedFigure({ what, ours, against, unit, reach }: ComparedFigure): Figure {
  const ratio = ours === null || against === null || against.value === 0 ? null : ours / against.value
  return {
    what,
    ours: ours === null ? NOTHING : withUnit(ours, unit),
    against: against === null ? NOTHING : `${against.name} ${withUnit(against.value, unit)}`,
    ratio: ratio === null ? NOTHING : `${ratio.toFixed(2)} ×`,
    reach: reachText(reach, ' ×'),
    reached: ratio === null ? null : isWithin(ratio, reach),
  }
}

/** A figure that stands alone. */
export function plainFigure(what: string, ours: number | null, unit: string, reach: Reach): Figure {
  return {
    what,
    ours: ours === null ? NOTHING : withUnit(ours, unit),
    against: NOTHING,
    ratio: NOTHING,
    reach: reachText(reach, ` ${unit}`),
    reached: ours === null ? null : isWithin(ours, reach),
  }
}

function isWithin(value: number, { least = -Infinity, most = Infinity }: Reach): boolean {
  return value >= least && value <= most
}

function reachText({ least, most }: Reach, unit: string): string {
  return [
    ...(least === undefined ? [] : [`≥ ${least}${unit}`]),
    ...(most === undefined ? [] : [`≤ ${most}${unit}`]),
  ].join(', ')
}

const withUnit = (value: number, unit: string): string => `${numberText(value)} ${unit}`

/** Three digits that count; thousands in full, with commas. */
export function numberText(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-GB')
  return String(Number(value.toPrecision(3)))
}
