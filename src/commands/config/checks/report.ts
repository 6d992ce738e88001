import { SYSTEM_NAMES, systemSlug } from '../../../model/system.ts'
import { printable } from '../../printable.ts'
import { renderParagraph, renderTable } from '../../table.ts'
import { counted, minute } from '../../wording.ts'
import type { Problem } from './problem.ts'
import type { RelationReport } from './relation-check.ts'
import type { ServiceReport } from './service-check.ts'
import type { SystemReport } from './system-check.ts'

/** What `config check` found, for people: a table per system, one of everything else, then a line per problem. */
export interface Report {
  readonly systems: readonly SystemReport[]
  readonly services: readonly ServiceReport[]
}

/** Wide enough for where a relation comes from. */
const WIDTH = 120
/** Longest source that is shown, so that a relation is one line of it; a SELECT is known by how it begins. */
const MOST_SOURCE = 42

export function problemsIn({ systems, services }: Report): readonly Problem[] {
  return [...systems, ...services].flatMap(({ problems }) => problems)
}

export function reportText(report: Report, width = WIDTH): string {
  const parts = report.systems.map(system => systemText(system, width))
  if (report.services.length > 0) parts.push(servicesText(report.services, width))
  return [...parts, problemsText(problemsIn(report)), ...notesText(report)].join('\n')
}

function systemText(report: SystemReport, width: number): string {
  const { system, connectors, readOnly, asOf, relations, isLoading } = report
  const heading = `${SYSTEM_NAMES[system]} (${connectors.join(', ')})`
  if (isLoading) return `${heading}\n${renderParagraph('STILL BEING LOADED', width)}\n`
  const standing = [
    report.reachable ? 'answers' : 'DOES NOT ANSWER',
    readOnly === null ? 'read only NOT SHOWN' : `read only: ${readOnly}`,
    `as of ${minute(asOf)}`,
  ]
  const columns = ['relation', 'mapping', 'rows', 'sums', 'page', 'as of', 'mapped from']
  const table = renderTable({ columns, rows: relations.map(rowOf) }, width)
  return `${heading}\n${renderParagraph(standing.join(' · '), width)}\n${table}`
}

function rowOf({ relation, mappingRight, rows, sums, sample, asOf, source }: RelationReport): readonly string[] {
  return [
    relation,
    mappingRight === null ? '–' : mappingRight ? 'right' : 'WRONG',
    rows === null ? '–' : rows.toLocaleString('en-GB'),
    String(Object.keys(sums ?? {}).length || '–'),
    sample === null ? '–' : sample.good === sample.rows ? `${sample.rows} good` : `${sample.rows - sample.good} BAD`,
    minute(asOf),
    shortened(source ?? 'NOT KNOWN'),
  ]
}

function shortened(source: string): string {
  return source.length > MOST_SOURCE ? `${source.slice(0, MOST_SOURCE - 1).trimEnd()}…` : source
}

function servicesText(services: readonly ServiceReport[], width: number): string {
  const rows = services.map(({ service, found, problems }) => [service, found ?? problems[0]?.what ?? ''])
  return renderTable({ columns: ['beside the systems', 'found'], rows }, width)
}

function problemsText(problems: readonly Problem[]): string {
  if (problems.length === 0) return 'Nothing is wrong.\n'
  return `${counted(problems.length, 'problem')}:\n\n${problems.map(problemLine).join('')}`
}

/** What keeps nothing from being right, and is worth knowing. */
function notesText({ systems }: Report): readonly string[] {
  const notes = systems.flatMap(({ system, relations }) =>
    relations.flatMap(({ relation, notes }) => notes.map(note => `${systemSlug(system)} ${relation}: ${note}`)),
  )
  if (notes.length === 0) return []
  return [`${counted(notes.length, 'note')}:\n\n${notes.map(note => `${printable(note)}\n`).join('')}`]
}

/** Never wrapped, so that it can be searched for and copied. */
function problemLine({ where, what, remedy }: Problem): string {
  const line = `${where}: ${what}${remedy === null ? '' : `; ${remedy}`}`
  return `${printable(line.replace(/\s+/g, ' '))}\n`
}
