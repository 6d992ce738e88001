import type { Inspection, MappedConnector } from '../../../connectors/mapped-connector.ts'
import type { AnyRelation, ControlTotals, PageReading } from '../../../systems/connector.ts'
import { type SiteFile, siftRows } from './bad-rows.ts'
import { FIRST_PAGE, PAGE_CHECKS, type Sample } from './page-checks.ts'
import type { Finding, Problem } from './problem.ts'
import type { Steps } from './steps.ts'

/**
 * One relation of a system: its mapping, its totals, and a first page of real rows with what that shows. Called by the
 * check of a system for each of its relations.
 */
export interface RelationReport {
  readonly relation: string
  /** Where its rows come from; null: it could not be asked. */
  readonly source: string | null
  /** The connector has found nothing wrong with it; null: it could not be asked. */
  readonly mappingRight: boolean | null
  readonly rows: number | null
  readonly sums: Readonly<Record<string, string>> | null
  /** Rows of a first page that were looked at, and how many of them a partner could be given. */
  readonly sample: { readonly rows: number; readonly good: number } | null
  readonly asOf: string | null
  readonly problems: readonly Problem[]
  /** What was not looked at and why, one line each: nothing is known to be wrong. */
  readonly notes: readonly string[]
}

export interface RelationCheck {
  readonly relation: AnyRelation
  /** What problems are said to be in, such as `parts-logistics part_stock`. */
  readonly where: string
  readonly connector: MappedConnector
  readonly steps: Steps
  readonly sites: SiteFile | null
}

export async function checkRelation(check: RelationCheck): Promise<RelationReport> {
  const { relation, where, connector, steps } = check
  const inspection = await inspect(check)
  const isMapped = inspection?.problems.length === 0
  // A column that is not there makes every read fail, which would only say it again.
  const isListed = isMapped && inspection.lookupsOnly !== true
  const totals = isListed
    ? await steps.attempt({
        where,
        failure: 'its rows cannot be counted',
        remedy: 'see that the source gives each key once, and can count and sum the whole relation within deadlineMs',
        run: signal => connector.totals(relation, signal),
      })
    : null
  const page = isListed
    ? await steps.attempt({
        where,
        failure: 'its first page cannot be read',
        remedy: 'config explain shows what is sent',
        run: signal => connector.page(relation, FIRST_PAGE, signal),
      })
    : null
  const looked = page && (await lookAt(page, check))
  const findings = [...(looked?.findings ?? []), ...miscounted(totals, page)]
  return {
    relation: relation.name,
    source: inspection?.source ?? null,
    mappingRight: inspection === null ? null : isMapped,
    rows: totals?.rows ?? null,
    sums: totals?.sums ?? null,
    sample: looked && { rows: page.rows.length, good: looked.good },
    asOf: page?.asOf ?? null,
    problems: [
      // With their remedies, which the connector knows best.
      ...(inspection?.problems ?? []).map(what => ({ where, what, remedy: null })),
      ...findings.map(({ column, what, remedy }) => ({
        where: column === null ? where : `${where}, column ${column}`,
        what,
        remedy,
      })),
    ],
    notes: [
      ...(inspection?.notes ?? []),
      ...(isMapped && !isListed ? ['it is looked up by key only: no row of it was read, counted or summed'] : []),
    ],
  }
}

async function inspect({ relation, where, connector, steps }: RelationCheck): Promise<Inspection | null> {
  const inspections = await steps.attempt({
    where,
    failure: 'its source cannot be asked',
    remedy: 'see that the connector has the right address, credentials and network',
    run: signal => connector.inspect([relation], signal),
  })
  return inspections?.[0] ?? null
}

async function lookAt({ rows, hasNextPage }: PageReading, { relation, where, connector, steps, sites }: RelationCheck) {
  const { records, findings } = siftRows(relation, rows, sites)
  const remedy = 'config explain shows what is sent'
  const sample: Sample = {
    relation,
    records,
    isWhole: records.length === rows.length,
    hasNextPage,
    async lookup(query) {
      const failure = 'a look-up by key fails'
      const run = (signal: AbortSignal) => connector.lookup(relation, query, signal)
      const reading = await steps.attempt({ where, failure, remedy, run })
      return reading && siftRows(relation, reading.rows, sites).records
    },
    async page(query) {
      const failure = 'a page of some of its rows fails'
      const run = (signal: AbortSignal) => connector.page(relation, query, signal)
      const reading = await steps.attempt({ where, failure, remedy, run })
      return reading && { records: siftRows(relation, reading.rows, sites).records, rows: reading.rows.length }
    },
  }
  const shown: Finding[] = []
  if (records.length > 0) for (const check of PAGE_CHECKS) shown.push(...(await check(sample)))
  return { good: records.length, findings: [...findings, ...shown] }
}

function miscounted(totals: ControlTotals | null, page: PageReading | null): readonly Finding[] {
  if (totals === null || page === null || totals.rows >= page.rows.length) return []
  return [
    {
      column: null,
      what: `is counted at ${totals.rows} rows, and its first page has ${page.rows.length}`,
      remedy: 'see that the source counts the same rows that it gives',
    },
  ]
}
