import { renderTable } from '../table.ts'
import { counted, minute } from '../wording.ts'
import type { MissingLines } from './entry.ts'
import type { Answers, Read } from './tally.ts'

/** The report as people and as machines read it. */

export interface Report {
  readonly requests: number
  /** Of the first and the last request; null: there is none. */
  readonly firstMs: number | null
  readonly lastMs: number | null
  readonly reads: readonly Read[]
  readonly answers: readonly Answers[]
  readonly gaps: { readonly count: number; readonly missing: number; readonly first: readonly MissingLines[] }
  readonly badLines: { readonly count: number; readonly first: readonly BadLine[] }
}

export interface BadLine {
  readonly file: string
  readonly line: number
}

export function reportText({ requests, firstMs, lastMs, reads, answers }: Report, width?: number): string {
  if (requests === 0) return 'There is no request in these files that the report is about.\n'
  const span = `${counted(requests, 'request')}, ${minute(instant(firstMs))} to ${minute(instant(lastMs))}\n`
  return [span, readsText(reads, width), answersText(answers, width)].join('\n')
}

function readsText(reads: readonly Read[], width?: number): string {
  if (reads.length === 0) return 'Nobody was given anything.\n'
  return renderTable(
    {
      columns: ['partner', 'operation', 'count', 'last', 'systems read'],
      rows: reads.map(({ partner, operation, count, lastMs, systems }) => [
        partner ?? '–',
        operation ?? '–',
        whole(count),
        minute(instant(lastMs)),
        systems.join(', ') || '–',
      ]),
    },
    width,
  )
}

function answersText(answers: readonly Answers[], width?: number): string {
  return renderTable(
    {
      columns: ['partner', 'system', 'live', 'cached', 'last known', 'left', 'refused'],
      rows: answers.map(({ partner, system, live, cached, lastKnownGood, left, refused }) => [
        partner ?? '–',
        system ?? '–',
        ...[live, cached, lastKnownGood, left].map(whole),
        [...refused.values()]
          .map(({ code, state, count }) => `${whole(count)} ${code}${state === null ? '' : ` ${state}`}`)
          .join(', ') || '0',
      ]),
    },
    width,
  )
}

/** For standard error: what the report cannot know; null: nothing. */
export function shortfallText({ gaps, badLines }: Report): string | null {
  const bad = badLines.first.map(({ file, line }) => `  ${file} line ${line}\n`)
  const more = badLines.count > bad.length ? `  and ${whole(badLines.count - bad.length)} more\n` : ''
  const missing = gaps.first.map(
    ({ since, until, missing }) => `  ${whole(missing)} from ${minute(since)} to ${minute(until)}\n`,
  )
  const texts = [
    ...(badLines.count > 0
      ? [`${counted(badLines.count, 'line is', 'lines are')} not of an access log, or not whole:\n`, ...bad, more]
      : []),
    ...(gaps.count > 0
      ? [`Lines could not be written ${counted(gaps.count, 'time')}; nothing was answered meanwhile:\n`, ...missing]
      : []),
  ]
  return texts.length === 0 ? null : texts.join('')
}

/** For machines. */
export function reportJson({ requests, firstMs, lastMs, reads, answers, gaps, badLines }: Report): string {
  const report = {
    requests,
    firstAt: instant(firstMs),
    lastAt: instant(lastMs),
    reads: reads.map(({ lastMs: last, ...read }) => ({ ...read, lastAt: instant(last) })),
    answers: answers.map(row => ({ ...row, refused: [...row.refused.values()] })),
    gaps,
    badLines,
  }
  return `${JSON.stringify(report)}\n`
}

function instant(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}

const whole = (count: number): string => count.toLocaleString('en')
