import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { columnList, quoted, tableName } from '../../demo/ddl.ts'
import { writeExtracts } from '../../demo/extract-files.ts'
import { createDataset, type Dataset } from '../../demo/generator/dataset.ts'
import { fillServerDatabase, type ServerDatabaseOptions, schemaOf } from '../../demo/server-database.ts'
import { SYSTEM_KEYS } from '../../src/model/system.ts'
import type { AnyRelation } from '../../src/systems/connector.ts'
import { columnName } from '../../src/systems/relation.ts'
import { RELATIONS } from '../../src/systems/relations/all.ts'
import { partStock } from '../../src/systems/relations/parts-logistics.ts'
import { productionLine } from '../../src/systems/relations/production-schedule.ts'
import { TEST_DATASET } from '../support/dataset.ts'
import { type PostgresServer, postgresBinaries, startPostgres } from '../support/postgres.ts'

const binaries = postgresBinaries()
const dataset = createDataset(TEST_DATASET)
const countRows = (relation: AnyRelation): number => [...dataset.rows(relation)].length

if (binaries === null) test.skip('a generated database on a real server: apt-get install postgresql', () => {})
else {
  let server: PostgresServer
  let admin: pg.Client
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'server-database-'))
    server = await startPostgres(binaries)
    admin = new pg.Client(server.connectionString)
    admin.on('error', () => {})
    await admin.connect()
    await admin.query("SET TimeZone = 'UTC'")
  })
  afterEach(async () => {
    for (const system of SYSTEM_KEYS) await admin.query(`DROP SCHEMA IF EXISTS ${schemaOf(system)} CASCADE`)
  })
  afterAll(async () => {
    await admin.end()
    await server.stop()
    await rm(folder, { recursive: true })
  })

  const fill = (options: Partial<ServerDatabaseOptions> = {}) =>
    fillServerDatabase({
      connectionString: server.connectionString,
      dataset,
      systems: ['PRODUCTION_SCHEDULE'],
      replace: false,
      reader: null,
      ...options,
    })

  async function copied(statement: string): Promise<Buffer> {
    return Buffer.concat(await admin.query(copyTo(`COPY ${statement} TO STDOUT WITH (FORMAT csv, HEADER)`)).toArray())
  }

  const schemas = async () => {
    const { rows } = await admin.query(
      `SELECT nspname::text AS name FROM pg_namespace WHERE nspname ~ '^(parts|wholesale|production)_' ORDER BY 1`,
    )
    return rows.map(({ name }) => name)
  }

  const countOf = async (relation: AnyRelation): Promise<number> => {
    const { rows } = await admin.query(`SELECT count(*)::int AS rows FROM ${nameOf(relation)}`)
    return rows[0].rows
  }

  describe('a generated database', () => {
    test('holds the rows of the extracts, byte for byte and in their order', async () => {
      await fill({ systems: SYSTEM_KEYS })
      for (const system of SYSTEM_KEYS) {
        const directory = join(folder, system)
        const plan = RELATIONS[system].map(relation => ({ relation, format: 'csv' as const }))
        await writeExtracts({ dataset, directory, plan })
        for (const { relation } of plan) {
          const extract = await readFile(join(directory, `${relation.name}.csv`))
          if (!extract.equals(await copied(asExtract(relation)))) throw new Error(`${relation.name}: other rows`)
        }
      }
    })

    test('is the same when it is made again, and another with another seed', async () => {
      const digest = async (of: Dataset) => {
        await fill({ dataset: of, replace: true, systems: ['WHOLESALE_FINANCE'] })
        const hash = createHash('sha256')
        for (const relation of RELATIONS.WHOLESALE_FINANCE) hash.update(await copied(nameOf(relation)))
        return hash.digest('hex')
      }
      const first = await digest(dataset)
      expect(await digest(createDataset(TEST_DATASET))).toBe(first)
      expect(await digest(createDataset({ ...TEST_DATASET, seed: 2 }))).not.toBe(first)
    })

    test('has the instant that it is as of, every key and index valid, and statistics for the planner', async () => {
      await fill({ systems: ['PARTS_LOGISTICS'] })
      const { rows: freshness } = await admin.query('SELECT as_of FROM parts_logistics.freshness')
      expect(freshness).toEqual([{ as_of: new Date(TEST_DATASET.anchor) }])
      const { rows: indexes } = await admin.query(
        `SELECT bool_and(indisvalid) AS valid, count(*) FILTER (WHERE indisprimary)::int AS keys
         FROM pg_index JOIN pg_class c ON c.oid = indrelid WHERE relnamespace = 'parts_logistics'::regnamespace`,
      )
      expect(indexes).toEqual([{ valid: true, keys: RELATIONS.PARTS_LOGISTICS.length }])
      const { rows: planner } = await admin.query(
        `SELECT reltuples::int AS rows, relallvisible = relpages AS frozen FROM pg_class WHERE oid = $1::regclass`,
        [nameOf(partStock)],
      )
      expect(planner).toEqual([{ rows: countRows(partStock), frozen: true }])
    })

    test('is refused where a schema is there already, and replaced when that is asked for', async () => {
      await fill()
      await expect(fill({ systems: SYSTEM_KEYS })).rejects.toThrow(
        'the schema production_schedule is there already: --replace puts new rows in the place of the old ones',
      )
      expect(await schemas()).toEqual(['production_schedule'])
      await admin.query(`DELETE FROM ${nameOf(productionLine)}`)
      await fill({ replace: true })
      expect(await countOf(productionLine)).toBe(countRows(productionLine))
      expect(await schemas()).toEqual(['production_schedule'])
    })

    test('never takes the place of a schema that somebody else made', async () => {
      await admin.query('CREATE SCHEMA wholesale_finance; CREATE TABLE wholesale_finance.ledger ()')
      await expect(fill({ systems: SYSTEM_KEYS, replace: true })).rejects.toThrow(
        'the schema wholesale_finance is not of this command’s making and never replaced',
      )
      const { rows } = await admin.query(`SELECT to_regclass('wholesale_finance.ledger') IS NOT NULL AS stands`)
      expect([rows, await schemas()]).toEqual([[{ stands: true }], ['wholesale_finance']])
    })

    test('is not there at all where its making broke off, and the one it should have replaced still is', async () => {
      const broken = { systems: SYSTEM_KEYS, onProgress: breakingOffAt('vehicle_wholesale') }
      await expect(fill(broken)).rejects.toThrow('broken off')
      expect(await schemas()).toEqual([])
      await fill({ systems: ['PARTS_LOGISTICS'] })
      await expect(fill({ ...broken, replace: true })).rejects.toThrow('broken off')
      expect(await schemas()).toEqual(['parts_logistics'])
      expect(await countOf(partStock)).toBe(countRows(partStock))
    })

    test('is not there at all where the server ended the connection amid the rows', async () => {
      let ended: Promise<unknown> | undefined
      const end = () =>
        admin.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'recovery-gateway generate'`,
        )
      const onProgress: ServerDatabaseOptions['onProgress'] = ({ relation, rows }) => {
        if (relation === 'material_demand' && rows > 0) ended ??= end()
      }
      await expect(fill({ onProgress })).rejects.toThrow()
      await ended
      expect(ended).toBeDefined()
      expect(await schemas()).toEqual([])
    })

    test('can be read by the role that it names, which can do nothing else', async () => {
      await fill({ reader: 'odd "reader"' })
      const url = new URL(server.connectionString)
      url.username = 'odd "reader"'
      const reader = new pg.Client(url.href)
      await reader.connect()
      try {
        const { rows } = await reader.query(`SELECT count(*)::int AS rows FROM ${nameOf(productionLine)}`)
        expect(rows).toEqual([{ rows: countRows(productionLine) }])
        const removal = `DELETE FROM ${nameOf(productionLine)}`
        await expect(reader.query(removal)).rejects.toThrow('cannot execute DELETE in a read-only transaction')
        await reader.query('SET default_transaction_read_only = off')
        await expect(reader.query(removal)).rejects.toThrow('permission denied for table production_line')
      } finally {
        await reader.end()
      }
      await expect(fill({ replace: true, reader: 'odd "reader"' })).resolves.toBeUndefined()
    })

    test('is made by one run at a time', async () => {
      const runs = await Promise.allSettled([fill({ systems: SYSTEM_KEYS }), fill({ systems: SYSTEM_KEYS })])
      expect(runs.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      const reasons = runs.flatMap(run => (run.status === 'rejected' ? [String(run.reason)] : []))
      expect(reasons).toEqual(['Error: another run is filling this database'])
    })
  })
}

const nameOf = (relation: AnyRelation): string => tableName(schemaOf(relation.system), relation)

function breakingOffAt(name: string) {
  return ({ relation }: { readonly relation: string }) => {
    if (relation === name) throw new Error('broken off')
  }
}

/** A relation's rows as an extract writes them: times in RFC 3339, lists as texts with semicolons between them. */
function asExtract(relation: AnyRelation): string {
  const cells = Object.entries(relation.columns).map(([property, { kind }]) => {
    const name = columnList([property])
    const cell = {
      timestamp: `to_char(${name}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
      texts: `nullif(array_to_string(${name}, ';'), '')`,
    }
    return `${kind === 'timestamp' || kind === 'texts' ? cell[kind] : `${name}::text`} AS ${quoted(columnName(property))}`
  })
  return `(SELECT ${cells.join(', ')} FROM ${nameOf(relation)})`
}
