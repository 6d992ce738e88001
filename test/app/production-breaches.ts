import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RELATIONS } from '../../src/systems/relations/all.ts'
import type { ServedSet } from '../connectors/odata/served.ts'
import { FINANCE_SERVICE, type ProductionSite } from '../support/production-site.ts'
import { urlAs } from '../support/shared-store.ts'

/**
 * What may be wrong with `config/production.yaml` or with what it names, each with the one line that `config check` gives;
 * several at once, where none hides another.
 */
export interface Breach {
  readonly name: string
  /** Other variables of the environment. */
  readonly env?: (site: ProductionSite) => Promise<Readonly<Record<string, string>>>
  /** Of a copy of the file. */
  // biome-ignore lint/suspicious/noExplicitAny: a configuration is changed by path
  readonly change?: (configuration: any) => void
  /** In what the file names, until it is mended. */
  readonly breaks?: (site: ProductionSite) => unknown
  readonly mends?: (site: ProductionSite) => unknown
  /** Of the rows that the OData service has of its sets. */
  readonly serves?: Readonly<Record<string, (rows: Rows) => Rows>>
  /** Relations and services whose lines in the tables say so; all others stand as they were. */
  readonly spoils: readonly string[]
  readonly line: RegExp
}

type Rows = ServedSet['rows']

const namesOf = (system: keyof typeof RELATIONS) => RELATIONS[system].map(({ name }) => name)

/** A whole system or service each. */
const OF_SYSTEMS: readonly Breach[] = [
  {
    name: 'a wrong password of a database',
    env: async ({ env }) => ({ PARTS_DATABASE_URL: env.PARTS_DATABASE_URL?.replace(/:[^:@]*@/, ':wrong@') ?? '' }),
    spoils: namesOf('PARTS_LOGISTICS'),
    line: /^parts-logistics: .*: password authentication failed for user "parts_reader" \(SQLSTATE 28P01\); see that /,
  },
  {
    name: 'a wrong password of a service',
    env: async () => ({ FINANCE_ODATA_PASSWORD: 'wrong' }),
    spoils: namesOf('WHOLESALE_FINANCE'),
    line: /^wholesale-finance: .*: the service did not accept the credentials \(401\): .*; see that systems\.WHOLESALE_FINANCE reaches the source/,
  },
  {
    name: 'a file that is not the one of the manifest',
    env: async site => ({ SCHEDULE_EXTRACTS: await spoiltDrop(site) }),
    spoils: namesOf('PRODUCTION_SCHEDULE'),
    line: /^production-schedule: .*: production_line\.csv: its SHA-256 is not the one in the manifest; /,
  },
  {
    name: 'an issuer that is away',
    breaks: ({ provider }) => provider.leave(),
    mends: ({ provider }) => provider.comeBack(),
    spoils: ["issuer's keys"],
    line: /^identity: (http:\S+)\/\.well-known\/openid-configuration did not answer; see that the keys of \1 can be had from here$/,
  },
  {
    name: 'a journal that its role could change',
    breaks: site => site.inDatabase('journal', 'GRANT UPDATE ON recovery_journal.entry TO journal_writer'),
    mends: site => site.inDatabase('journal', 'REVOKE UPDATE ON recovery_journal.entry FROM journal_writer'),
    spoils: ['journal'],
    line: /^recovery\.journal: the journal is not append-only: the database allows UPDATE /,
  },
  {
    name: 'a user of the shared store who may not write under its prefix',
    breaks: ({ store }) => store.run('ACL', 'SETUSER', 'weak', 'on', '>weak', '~other:*', '-@all', '+get', '+set'),
    env: async ({ store }) => ({ SHARED_STORE_URL: urlAs('weak', 'weak', store.url) }),
    spoils: ['shared store'],
    line: /^sharedStore: NOPERM .*; see that its URL, user and key prefix are right; /,
  },
]

/** A relation each. */
const OF_RELATIONS: readonly Breach[] = [
  {
    name: 'a table without a column',
    breaks: site => site.inDatabase('parts', 'ALTER TABLE parts_logistics.part_stock RENAME COLUMN unit TO uom'),
    mends: site => site.inDatabase('parts', 'ALTER TABLE parts_logistics.part_stock RENAME COLUMN uom TO unit'),
    spoils: ['part_stock'],
    line: /^parts-logistics part_stock: column unit: expected varchar\(3\), there is no such column$/,
  },
  {
    name: 'a SELECT that gives two rows for a key',
    change: ({ systems }) => {
      systems.PARTS_LOGISTICS.connector.relations.part.select += ' CROSS JOIN (VALUES (1), (2)) twice'
    },
    spoils: ['part'],
    line: /^parts-logistics part: key part_number: several rows have the same; give one row for each, /,
  },
  {
    name: 'a field that is misspelt',
    change: ({ systems }) => {
      systems.WHOLESALE_FINANCE.connector.relations.supplier_payment.columns.value_date = 'ValuDate'
    },
    spoils: ['supplier_payment'],
    line: /^wholesale-finance supplier_payment: column value_date: expected date, there is no such field ValuDate$/,
  },
  {
    name: 'an owner that is null',
    serves: { WholesaleFundings: ([first, ...rest]) => [{ ...first, FunderBpnl: null }, ...rest] },
    spoils: ['wholesale_funding'],
    line: /^wholesale-finance wholesale_funding, column funder_bpnl: is null in 1 of the first 100 rows; /,
  },
  {
    name: 'a service that gives a row twice',
    serves: { RemittanceLines: rows => [...rows.slice(0, 1), ...rows] },
    spoils: ['remittance_line'],
    line: /^wholesale-finance remittance_line: .*: relation remittance_line has two rows with one key; see that the source gives each key once/,
  },
]

export const ROUNDS = [
  ['systems and services', OF_SYSTEMS],
  ['relations', OF_RELATIONS],
] as const

export interface Breached {
  readonly file: string
  readonly env: Readonly<Record<string, string>>
  mend(): Promise<void>
}

/** Commits all of them; gives what names the site now, and how to mend it. */
export async function commit(breaches: readonly Breach[], site: ProductionSite): Promise<Breached> {
  const served = breaches.flatMap(({ serves = {} }) => Object.entries(serves))
  const rows = (set: ServedSet) =>
    served.reduce((kept, [name, change]) => (name === set.name ? change(kept) : kept), set.rows)
  await site.finance.replace(FINANCE_SERVICE, { sets: site.financeData.sets.map(set => ({ ...set, rows: rows(set) })) })
  const variables: Record<string, string> = { ...site.env }
  for (const { breaks, env } of breaches) {
    await breaks?.(site)
    Object.assign(variables, await env?.(site))
  }
  const file = await site.configure(configuration => {
    for (const { change } of breaches) change?.(configuration)
  })
  return {
    file,
    env: variables,
    async mend() {
      for (const { mends } of breaches) await mends?.(site)
      await site.finance.replace(FINANCE_SERVICE, site.financeData)
    },
  }
}

async function spoiltDrop({ schedule }: ProductionSite): Promise<string> {
  const directory = `${schedule}-spoilt`
  await cp(schedule, directory, { recursive: true })
  await writeFile(join(directory, 'production_line.csv'), '\n', { flag: 'a' })
  return directory
}
