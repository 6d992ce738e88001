import { z } from 'zod'
import { clientTlsSchema } from './client-tls.ts'
import { SAYS_TLS_TWICE, saysTlsOnce } from './database-tls-setting.ts'
import { connectTimeoutMs, databaseSchema, databaseUrl, group, line, matching, path, whole } from './setting.ts'

/**
 * The restart: whose statements count, where they are kept, and what is demanded of evidence. Called by the schema of
 * the configuration. Which files are needed depends on the section `embedded`, and is checked by `contradictions.ts`.
 */
export function recoverySchema(directory: string) {
  return z
    .strictObject({
      incident: matching(
        { is: 'The incident that statements must name' },
        /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/,
        'must be a reference of at most 80 letters, digits, dots, hyphens and underscores, such as INC-2025-0901',
      ),
      audience: line({ is: 'This gateway as statements must name it: their claim aud, exactly' }),
      keys: z
        .strictObject({
          file: path(directory, { is: 'JSON file (JWK set) with the public keys of all who sign, and their roles' }),
          sha256: matching(
            { is: 'SHA-256 of that file, hexadecimal; another file is refused at the start' },
            /^[0-9a-f]{64}$/,
            'must be a SHA-256 digest in hexadecimal (sha256sum prints it)',
          ),
        })
        .optional()
        .meta({ description: 'The pinned keys. Required without the section `embedded`.' }),
      signingKey: path(directory, {
        is: "JSON file (JWK) with the gateway's own private key, readable by it alone; required without the section embedded",
      }).optional(),
      journal: journalSchema(directory),
      pollMs: whole({
        is: 'Longest time between two looks at the journal, beside those that a notification brings',
        unit: 'milliseconds',
        from: 100,
        to: 10_000,
        preset: 500,
      }),
      checkpoints: group('Checkpoints: what the journal came to, signed by the gateway', {
        file: path(directory, {
          is: 'File that they are written to, kept apart from the journal; required without the section embedded',
        }).optional(),
        everyEntries: whole({ is: 'Entries after which one is written', from: 1, to: 100_000, preset: 100 }),
        everySeconds: whole({
          is: 'Time after which one is written, where there are new entries',
          unit: 'seconds',
          from: 1,
          to: 86_400,
          preset: 60,
        }),
      }),
      watchSeconds: whole({
        is: 'Time between two measurements of each system: its control totals and how old its data is',
        unit: 'seconds',
        from: 5,
        to: 86_400,
        preset: 300,
      }),
      policy,
    })
    .meta({ description: 'The restart: signed statements, the journal that keeps them, and what evidence must show.' })
}

function journalSchema(directory: string) {
  return z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('embedded') }).meta({
        description: 'In the PostgreSQL that the gateway runs in its own process. Needs the section `embedded`.',
      }),
      z
        .strictObject({
          kind: z.literal('postgres'),
          connectionString: databaseUrl({
            is: 'URL of the database, its user having the rights to insert and read only; take it from the environment',
          }),
          tls: clientTlsSchema(directory).optional(),
          schema: databaseSchema(
            { is: 'Name of the schema in the database that holds the journal', preset: 'recovery_journal' },
            48,
          ),
          connectTimeoutMs: connectTimeoutMs(),
          statementTimeoutMs: whole({
            is: 'Longest that one statement to the database may take',
            unit: 'milliseconds',
            from: 10,
            to: 30_000,
            preset: 1_000,
          }),
        })
        .refine(saysTlsOnce, SAYS_TLS_TWICE)
        .meta({ description: 'A PostgreSQL server, the same for all instances.' }),
    ])
    .meta({ description: 'The append-only journal of all statements.' })
}

const policy = group('What is demanded of evidence: the numbers behind the guards', {
  attestationMaxHours: whole({
    is: 'Longest time for which a restore attestation may count',
    unit: 'hours',
    from: 1,
    to: 8_760,
    preset: 12,
  }),
  backupMarginHours: whole({
    is: 'How long before the earliest intrusion a backup must have been taken, at least',
    unit: 'hours',
    from: 0,
    to: 8_760,
    preset: 24,
  }),
  limitedOpenHours: whole({
    is: 'How long a system must have been open to its first waves before it opens to all',
    unit: 'hours',
    from: 0,
    to: 720,
    preset: 24,
  }),
  feedSilentHours: whole({
    is: 'Age of its data from which a system is silent, and closes',
    unit: 'hours',
    from: 1,
    to: 876_000,
    preset: 24,
  }),
  errorRatePercent: whole({
    is: 'Most reads of the last hour that may have failed before a system opens to all',
    unit: 'percent',
    from: 0,
    to: 100,
    preset: 5,
  }),
  backlogLimit: whole({
    is: 'Most that may be open in each backlog of a system before its normal operation is declared',
    from: 0,
    to: 1_000_000,
    preset: 100,
  }),
  journalSilenceSeconds: whole({
    is: 'How long the journal may be out of reach before every system closes',
    unit: 'seconds',
    from: 10,
    to: 86_400,
    preset: 300,
  }),
  clockSkewSeconds: whole({
    is: 'How far the clock of whoever signs a statement may be off',
    unit: 'seconds',
    from: 0,
    to: 300,
    preset: 60,
  }),
})
