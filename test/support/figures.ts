import { appendFileSync } from 'node:fs'
import type { LinePanel } from '../../bench/report/svg.ts'
import { IS_FULL, SEED } from './form.ts'

/**
 * What a row of the chaos suite measured, beside what it is held to. `report` hands it to the runner, shows it where
 * `FIGURES=1` asks for it, and throws where a figure misses what it is held to; one that a busy machine could miss
 * (`isTimed`) is held in the full form alone.
 */
export type Figure = string | number | HeldFigure

export interface HeldFigure {
  readonly value: number
  readonly atLeast?: number
  readonly atMost?: number
  /** How many were tried where none was found. */
  readonly of?: number
  readonly unit?: string
  readonly isTimed?: boolean
}

/** One line of the file that the runner reads. */
export interface Report {
  readonly row: number
  readonly seed: number
  readonly figures: readonly ReportedFigure[]
  readonly charts: readonly Chart[]
  /** How far the row is, where it tells. */
  readonly progress?: string
}

export interface ReportedFigure {
  readonly what: string
  readonly measured: string
  /** Null: held to nothing. */
  readonly heldTo: string | null
  /** `missed`: it does not count here, because the machine may be busy. */
  readonly verdict: 'met' | 'missed' | 'failed' | null
}

/** What it looked like over time; its numbers are written down beside the drawing. */
export type Chart = LinePanel

export const exactly = (value: number) => ({ atLeast: value, atMost: value })

/** @throws Error that names every figure that failed */
export function report(row: number, figures: Readonly<Record<string, Figure>>, charts: readonly Chart[] = []): void {
  const reported = Object.entries(figures).map(([what, figure]) => judged(what, figure))
  tell({ row, seed: SEED, figures: reported, charts })
  const failed = reported.filter(({ verdict }) => verdict === 'failed')
  if (failed.length > 0)
    throw new Error(
      `row ${row}: ${failed.map(({ what, measured, heldTo }) => `${what}: ${measured}, held to ${heldTo}`).join('; ')}`,
    )
}

/** Tells whoever watches a long row how far it is. */
export function progress(row: number, text: string): void {
  tell({ row, seed: SEED, figures: [], charts: [], progress: text })
}

function tell(line: Report): void {
  const { CHAOS_REPORTS: file, FIGURES: isShown } = process.env
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(line)}\n`)
  if (isShown !== '1') return
  if (line.progress !== undefined) process.stderr.write(`row ${line.row}  ${line.progress}\n`)
  for (const { what, measured, heldTo, verdict } of line.figures)
    process.stderr.write(`row ${line.row}  ${what}: ${measured}${heldTo === null ? '' : ` (${heldTo}: ${verdict})`}\n`)
}

function judged(what: string, figure: Figure): ReportedFigure {
  if (typeof figure === 'string') return { what, measured: figure, heldTo: null, verdict: null }
  if (typeof figure === 'number') return { what, measured: shown(figure), heldTo: null, verdict: null }
  const { value, atLeast, atMost, unit, isTimed = false } = figure
  const isMet = value >= (atLeast ?? Number.NEGATIVE_INFINITY) && value <= (atMost ?? Number.POSITIVE_INFINITY)
  const verdict = isMet ? 'met' : isTimed && !IS_FULL ? 'missed' : 'failed'
  const measured = shown(value, unit) + boundOf(figure)
  if (atLeast === undefined && atMost === undefined) return { what, measured, heldTo: null, verdict: null }
  return { what, measured, heldTo: limitOf(figure), verdict }
}

function limitOf({ atLeast, atMost, unit }: HeldFigure): string {
  if (atLeast === atMost) return `= ${shown(atLeast ?? 0, unit)}`
  const limits = [
    atLeast !== undefined && `≥ ${shown(atLeast, unit)}`,
    atMost !== undefined && `≤ ${shown(atMost, unit)}`,
  ]
  return limits.filter(Boolean).join(', ')
}

/** None among so many is no proof of none: the rule of three gives what it excludes. */
function boundOf({ value, of }: HeldFigure): string {
  if (of === undefined) return ''
  const bound = value === 0 ? ` (95 %: under ${shown(Number((3e6 / of).toPrecision(2)))} per million)` : ''
  return ` of ${shown(of)}${bound}`
}

function shown(value: number, unit?: string): string {
  const digits = Number.isInteger(value) ? 0 : Math.abs(value) >= 100 ? 1 : 2
  return `${value.toLocaleString('en', { maximumFractionDigits: digits })}${unit === undefined ? '' : ` ${unit}`}`
}

/** The value below which the given share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
