import { createHash, randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { stringify } from 'yaml'
import { createDataset, EMBEDDED_DATASET } from '../../demo/generator/dataset.ts'
import { sitesYaml } from '../../demo/generator/directory.ts'
import { makeSampleKeys } from '../../demo/sample-keys.ts'
import { embeddedKeyRingFile } from '../../src/config/embedded.ts'
import { createEmbeddedIssuer } from '../../src/identity/embedded-issuer.ts'
import { systemClock } from '../../src/model/clock.ts'
import { JOURNAL_DDL } from '../../src/recovery/journal/schema.ts'
import { part } from '../../src/systems/relations/parts-logistics.ts'
import { configurationOf, JOURNAL_ROLE, JOURNAL_SCHEMA } from './configuration.ts'
import { openFilledDatabase, READER } from './filled-database.ts'
import { openSystems } from './opening.ts'
import { type PartnerCounts, partnersOf } from './partners.ts'
import { type Redis, startRedis } from './redis.ts'
import { writeRestartImage } from './restart-image.ts'
import type { BenchSite } from './site.ts'

/**
 * Opens a site: fills or reopens the database, makes keys, signs every statement from the isolation to three open systems
 * with all partners, and leaves only the servers running. Called once by a run.
 */
export interface SiteOptions {
  /** 1 is a manufacturer's. Default 1. */
  readonly scale?: number
  /** Most of each that are granted. Default: 1,300 retailers and 700 suppliers. */
  readonly partners?: PartnerCounts
  /** The core of the database; null, or left out: any. */
  readonly cpu?: number | null
  /** Is told what takes time; default: standard error. */
  readonly progress?: (text: string) => void
}

const TOKEN_LIFETIME_SECONDS = 86_400

export async function openSite(options: SiteOptions = {}): Promise<BenchSite> {
  const { scale = 1, partners: counts = { retailers: 1_300, suppliers: 700 }, cpu = null } = options
  const progress = options.progress ?? (text => void process.stderr.write(text))
  const dataset = createDataset({ ...EMBEDDED_DATASET, scale })
  const partners = partnersOf(dataset, counts)
  const database = await openFilledDatabase({ dataset, cpu, progress })
  const directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-bench-'))
  const superuser = new pg.Pool({ connectionString: database.url, max: 2 })
  superuser.on('error', () => {})
  let redis: Promise<Redis> | undefined
  const close = async () => {
    await (await redis?.catch(() => undefined))?.stop()
    await superuser.end()
    await database.stop()
    await rm(directory, { recursive: true, force: true })
  }
  try {
    await makeSampleKeys(directory)
    const issued = { issuer: 'https://issuer.example', audience: 'https://gateway.example' }
    const issuer = await createEmbeddedIssuer({ directory, ...issued, clock: systemClock })
    const sitesFile = join(directory, 'sites.yaml')
    await writeFile(sitesFile, sitesYaml(dataset))
    const keysSha256 = createHash('sha256')
      .update(await readFile(embeddedKeyRingFile(directory)))
      .digest('hex')
    const databaseUrl = (role: string) => database.url.replace('//bench@', `//${role}@`)
    const configured = {
      directory,
      sitesFile,
      keysSha256,
      issuer: { ...issued, jwksFile: issuer.jwksFile },
      databaseUrl,
    }
    const configFile: BenchSite['configFile'] = async settings => {
      await addReader(superuser, settings.role ?? 'bench_gateway')
      const file = join(directory, `config-${randomUUID()}.yaml`)
      await writeFile(file, stringify(configurationOf(configured, settings)))
      return file
    }

    await makeJournal(superuser)
    progress(`signing the restart and the grants of ${partners.entries.length} partners\n`)
    const opening = await configFile({ cached: false, role: 'bench_opening' })
    const restartImageFile = join(directory, 'restart.image')
    await writeRestartImage(restartImageFile, await openSystems({ configFile: opening, directory, partners }))

    const tokens = new Map<string, Promise<string>>()
    const scopesOf = new Map(
      partners.entries.flatMap(({ clients, scopes }) => clients.map(client => [client, scopes] as const)),
    )
    return {
      databaseUrl: database.url,
      scale,
      issuer: configured.issuer,
      retailers: partners.retailers,
      suppliers: partners.suppliers,
      internal: partners.internal,
      clients: partners.clients,
      partNumbers: [...dataset.rows(part)].filter(({ active }) => active).map(({ partNumber }) => partNumber),
      restartImageFile,
      token(clientId) {
        const scopes = scopesOf.get(clientId)
        if (scopes === undefined) throw new RangeError(`${clientId} is the client of no partner of this site`)
        const known = tokens.get(clientId) ?? issuer.sign({ clientId, scopes, lifetimeSeconds: TOKEN_LIFETIME_SECONDS })
        tokens.set(clientId, known)
        return known
      },
      configFile,
      async sharedStoreUrl() {
        redis ??= startRedis()
        return (await redis).url
      },
      reads: role => readsOf(superuser, role),
      settled: role => untilSettled(superuser, role),
      close,
    }
  } catch (thrown) {
    await close()
    throw thrown
  }
}

/** Empty, whatever an earlier run has left. */
async function makeJournal(superuser: pg.Pool): Promise<void> {
  await superuser.query(`DROP SCHEMA IF EXISTS ${JOURNAL_SCHEMA} CASCADE`)
  const { rowCount } = await superuser.query('SELECT FROM pg_roles WHERE rolname = $1', [JOURNAL_ROLE])
  if (rowCount === 0) await superuser.query(`CREATE ROLE ${JOURNAL_ROLE} LOGIN`)
  await superuser.query(JOURNAL_DDL(JOURNAL_SCHEMA, JOURNAL_ROLE))
}

async function addReader(superuser: pg.Pool, role: string): Promise<void> {
  const { rowCount } = await superuser.query('SELECT FROM pg_roles WHERE rolname = $1', [role])
  if (rowCount !== 0) return
  const name = pg.escapeIdentifier(role)
  await superuser.query(`CREATE ROLE ${name} LOGIN IN ROLE ${READER}`)
  await superuser.query(`ALTER ROLE ${name} SET default_transaction_read_only = on`)
}

async function readsOf(superuser: pg.Pool, role: string): Promise<number> {
  const { rows } = await superuser.query<{ readonly calls: string }>(
    `SELECT coalesce(sum(calls), 0) AS calls FROM pg_stat_statements
     WHERE userid = (SELECT oid FROM pg_roles WHERE rolname = $1) AND query ~ $2 AND query !~* $3`,
    [role, RELATION_READ, EXAMINATION],
  )
  return Number(rows[0]?.calls ?? 0)
}

/** Reads name a table of a system's schema; the time of the data stands in one of its own. */
const RELATION_READ = '(parts_logistics|wholesale_finance|production_schedule)"?\\.(?!"?freshness)'
/** For nobody's question: each system's relations are tried at a start, and its rows are counted now and then. */
const EXAMINATION = 'count\\(|^\\s*select t\\.\\* '

const LOOK_MS = 250
const LOOKS = 120

/** A start is over when nothing of the role runs and nothing has run since the last look, twice. */
async function untilSettled(superuser: pg.Pool, role: string): Promise<void> {
  let before = ''
  for (let [look, quiet] = [0, 0]; look < LOOKS && quiet < 2; look += 1) {
    const { rows } = await superuser.query<{ readonly now: string }>(
      `SELECT (SELECT count(*) FROM pg_stat_activity WHERE usename = $1 AND state = 'active')
              || ' ' || (SELECT coalesce(sum(calls), 0) FROM pg_stat_statements
                         WHERE userid = (SELECT oid FROM pg_roles WHERE rolname = $1)) AS now`,
      [role],
    )
    const now = rows[0]?.now ?? ''
    quiet = now === before && now.startsWith('0 ') ? quiet + 1 : 0
    before = now
    await setTimeout(LOOK_MS)
  }
}
