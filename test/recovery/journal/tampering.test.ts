import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type pg from 'pg'
import { createChain } from '../../../src/recovery/journal/chain.ts'
import { signCheckpoint } from '../../../src/recovery/journal/checkpoint.ts'
import { createPostgresJournalStore } from '../../../src/recovery/journal/postgres-store.ts'
import { readAll } from '../../../src/recovery/journal/reading.ts'
import type { JournalRow, JournalStore } from '../../../src/recovery/journal/store.ts'
import { type VerifyReport, verifyJournal } from '../../../src/recovery/journal/verify.ts'
import { quietLog } from '../../connectors/quiet-log.ts'
import { exactly, report } from '../../support/figures.ts'
import { SEED, sized } from '../../support/form.ts'
import { postgresBinaries } from '../../support/postgres.ts'
import { type JournalServer, startJournalServer } from './journal-server.ts'
import { createSampleKey, createSampleKeys, each, type SampleKeys, sampleRows, sealed } from './sample.ts'
import { seededRandom, type Tampering, type TamperingTools, tamperingOf } from './tamperings.ts'

/** How many entries the journal has; 50,000 is what the guarantee is stated for. */
const ENTRIES = Number(process.env.JOURNAL_ENTRIES ?? sized(200, 50_000))
const TAMPERINGS = sized(60, 200)
const SCHEMA = 'journal'
const TABLE = `"${SCHEMA}".entry`
const COLUMNS = 'sequence, recorded_at, statement_id, statement, acceptance, previous_hash, hash, seal'

const binaries = postgresBinaries()

if (binaries === null)
  test.skip('tampering is tried on a real PostgreSQL server where there is one: apt-get install postgresql', () => {})
else
  describe(`a journal of ${ENTRIES} entries in PostgreSQL`, () => {
    let server: JournalServer
    let superuser: pg.PoolClient
    let sample: SampleKeys
    let rows: readonly JournalRow[]
    let checkpoint: string

    beforeAll(
      async () => {
        server = await startJournalServer(binaries, SCHEMA, 'journal_writer')
        superuser = await server.superuser.connect()
        sample = await createSampleKeys()
        rows = await sampleRows(ENTRIES, sample)
        const { connectionString } = server
        const store = createPostgresJournalStore({
          connectionString,
          schema: SCHEMA,
          connectTimeoutMs: 5_000,
          log: quietLog(),
        })
        const [first] = rows
        if (!first) throw new Error('no rows')
        expect(await store.append(first)).toBe('appended')
        await insert(rows.slice(1))
        await store.close()
        checkpoint = await checkpointOf(rows, sample)
      },
      30_000 + ENTRIES * 10,
    )

    afterAll(async () => {
      superuser?.release()
      await server?.stop()
    })

    async function insert(added: readonly JournalRow[]): Promise<void> {
      const columns = [
        added.map(({ sequence }) => sequence),
        ...(['recordedAt', 'statementId', 'statement', 'acceptance', 'previousHash', 'hash', 'seal'] as const).map(
          name => added.map(row => row[name]),
        ),
      ]
      await superuser.query(
        `INSERT INTO ${TABLE} (${COLUMNS})
         SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])`,
        columns,
      )
    }

    /** In the superuser's transaction, so that what he has done can be looked at and undone. */
    const read: JournalStore['read'] = async (after, limit) => {
      const text = `SELECT ${COLUMNS} FROM ${TABLE} WHERE sequence > $1 ORDER BY sequence LIMIT $2`
      const result = await superuser.query<Record<string, string>>(text, [after, limit])
      return result.rows.map(row => ({
        sequence: Number(row.sequence),
        recordedAt: row.recorded_at ?? '',
        statementId: row.statement_id ?? '',
        statement: row.statement ?? '',
        acceptance: row.acceptance ?? '',
        previousHash: row.previous_hash ?? '',
        hash: row.hash ?? '',
        seal: row.seal ?? '',
      }))
    }

    const verify = (against: string | null): Promise<VerifyReport> =>
      verifyJournal(readAll(read), { gatewayKeys: sample.keys, checkpoint: against })

    async function afterTampering(tampering: Tampering, against: string | null): Promise<VerifyReport> {
      await superuser.query('BEGIN')
      try {
        await superuser.query(`ALTER TABLE ${TABLE} DISABLE TRIGGER ALL, DROP CONSTRAINT entry_statement_id_key,
          DROP CONSTRAINT entry_hash_key, DROP CONSTRAINT entry_pkey; CREATE INDEX ON ${TABLE} (sequence)`)
        await superuser.query(`DELETE FROM ${TABLE} WHERE sequence = ANY ($1)`, [tampering.remove])
        await insert(tampering.add)
        return await verify(against)
      } finally {
        await superuser.query('ROLLBACK')
      }
    }

    test(
      'verifies offline while nobody has tampered with it',
      async () => {
        const report = await verify(checkpoint)
        expect(report).toMatchObject({ entries: ENTRIES, checkpoint: { size: ENTRIES }, problems: [] })
        expect(report.head.hash).toBe(rows.at(-1)?.hash)
      },
      30_000 + ENTRIES * 10,
    )

    test(
      `shows each of ${TAMPERINGS} tamperings by a superuser, at or before the first entry that is not as it was`,
      async () => {
        const tools: TamperingTools = {
          rows,
          random: seededRandom(SEED),
          forgers: [(await createSampleKey('GATEWAY')).key, sample.herald.key],
          gatewayKeyId: sample.gateway.key.keyId,
        }
        const missed: string[] = []
        const kinds = new Set<string>()
        for (let number = 0; number < TAMPERINGS; number += 1) {
          const tampering = tamperingOf(number, tools)
          kinds.add(tampering.what)
          const { problems, entries } = await afterTampering(tampering, checkpoint)
          const isFound = problems.length === 1 && entries + 1 === problems[0]?.sequence
          // A copy beside its original: either of the two may be read first.
          const isThere =
            entries + 1 === tampering.from || (tampering.what === 'duplicate' && entries === tampering.from)
          if (!isFound || !isThere)
            missed.push(`${number}: ${tampering.what} at ${tampering.from}: ${JSON.stringify(problems)}`)
        }
        expect(missed).toEqual([])
        report(22, {
          entries: ENTRIES,
          tamperings: TAMPERINGS,
          'of how many kinds': kinds.size,
          found: { value: TAMPERINGS - missed.length, ...exactly(TAMPERINGS) },
        })
      },
      60_000 + ENTRIES * TAMPERINGS,
    )

    test(
      'does not show a cut tail without a checkpoint, and says that it had none',
      async () => {
        const remove = [ENTRIES - 1, ENTRIES]
        const cut = { what: 'cut the tail', remove, add: [], from: ENTRIES - 1 }
        expect(await afterTampering(cut, null)).toMatchObject({ entries: ENTRIES - 2, checkpoint: null, problems: [] })
        expect((await afterTampering(cut, checkpoint)).problems).toEqual([
          {
            sequence: ENTRIES - 1,
            problem: `the journal ends at ${ENTRIES - 2}, but the checkpoint of 2025-10-01T00:00:00.000Z has ${ENTRIES} entries`,
          },
        ])
      },
      30_000 + ENTRIES * 10,
    )
  })

async function checkpointOf(rows: readonly JournalRow[], { keys, gateway }: SampleKeys): Promise<string> {
  const chain = createChain({ keys, checkpoint: null })
  for (const row of rows) expect(chain.follow(row)).toBeNull()
  const checkpoint = chain.checkpoint('2025-10-01T00:00:00.000Z')
  if (checkpoint === null) throw new Error('no rows')
  return signCheckpoint(checkpoint, gateway.key)
}

describe('the offline verifier', () => {
  test('finds a statement that its signatory did not sign, though the gateway’s key sealed it', async () => {
    const sample = await createSampleKeys()
    const [row] = await sampleRows(1, sample)
    if (!row) throw new Error('a row')
    const [header, payload, signature = ''] = row.statement.split('.')
    const other = signature.startsWith('A') ? 'B' : 'A'
    const forged = sealed(
      { ...row, statement: `${header}.${payload}.${other}${signature.slice(1)}` },
      sample.gateway.key,
    )
    const report = await verifyJournal(each([forged]), { gatewayKeys: sample.keys, checkpoint: null })
    expect(report).toMatchObject({
      entries: 0,
      problems: [{ sequence: 1, problem: 'the signature of its statement does not hold' }],
    })
  })

  test('says that a checkpoint cannot be used, and verifies the rest', async () => {
    const sample = await createSampleKeys()
    const rows = await sampleRows(3, sample)
    const rogue = await createSampleKey('GATEWAY')
    const checkpoint = await checkpointOf(rows, { ...sample, gateway: rogue })
    expect(await verifyJournal(each(rows), { gatewayKeys: sample.keys, checkpoint })).toMatchObject({
      entries: 3,
      checkpoint: null,
      problems: [{ sequence: null, problem: 'the checkpoint is signed with a key that is not in the key file' }],
    })
  })

  test('has nothing to find in an empty journal, unless a checkpoint knew of more', async () => {
    const sample = await createSampleKeys()
    const checkpoint = await checkpointOf(await sampleRows(2, sample), sample)
    const options = { gatewayKeys: sample.keys, checkpoint: null }
    expect(await verifyJournal(each([]), options)).toMatchObject({ entries: 0, problems: [] })
    const report = await verifyJournal(each([]), { ...options, checkpoint })
    expect(report.problems).toEqual([expect.objectContaining({ sequence: 1 })])
  })
})
