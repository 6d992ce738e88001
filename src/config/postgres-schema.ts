import { z } from 'zod'
import { clientTlsSchema } from './client-tls.ts'
import { SAYS_TLS_TWICE, saysTlsOnce } from './database-tls-setting.ts'
import { relationsSchema } from './relations-schema.ts'
import { connectTimeoutMs, databaseSchema, databaseUrl, whole } from './setting.ts'

/** A PostgreSQL server behind a restored system. Called by the schema of connectors. */

const select = (is: string) =>
  z
    .string()
    .regex(/^\s*(SELECT|WITH|TABLE|VALUES)\b[^;]{1,20000}$/i, {
      error: 'must be one SELECT without a semicolon',
    })
    .meta({ description: is })

export function postgresSchema(directory: string) {
  return z
    .strictObject({
      kind: z.literal('postgres'),
      connectionString: databaseUrl({
        is: 'URL of the database, its user having no right but to read; take it from the environment',
      }),
      tls: clientTlsSchema(directory).optional(),
      schema: databaseSchema({
        is: 'Schema whose tables or views the relations are that `relations` does not name',
      }).optional(),
      freshness: select(
        'SELECT that gives one row with one timestamptz: the time the data is as of. Without it, as_of of the table freshness in `schema`.',
      ).optional(),
      relations: relationsSchema(
        z.strictObject({
          select: select(
            "SELECT whose columns have the relation's names and types; keys, owner, order and paging are laid around it",
          ),
        }),
        'Relations that a SELECT gives, by name.',
      ).optional(),
      poolSize: whole({ is: 'Most connections that are open at once', from: 1, to: 200, preset: 10 }),
      connectTimeoutMs: connectTimeoutMs(),
    })
    .refine(({ schema, freshness }) => schema !== undefined || freshness !== undefined, {
      error: 'must have schema or freshness: one of them says the time the data is as of',
    })
    .refine(saysTlsOnce, SAYS_TLS_TWICE)
    .meta({ description: 'A PostgreSQL server.' })
}
