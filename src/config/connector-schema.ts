import { z } from 'zod'
import { connectTimeoutMs, databaseSchema, databaseUrl, path, whole } from './setting.ts'

/** How a restored system is reached: one shape per kind of connector. Called by the schema of the configuration. */

const relationsSchema = databaseSchema({ is: 'Name of the schema in the database that holds the relations' })

export function connectorSchema(directory: string) {
  return z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('embedded-postgres'), schema: relationsSchema }).meta({
        description: 'The PostgreSQL that the gateway runs in its own process. Needs the section `embedded`.',
      }),
      z
        .strictObject({
          kind: z.literal('postgres'),
          connectionString: databaseUrl({
            is: 'URL of the database, its user having no right but to read; take it from the environment',
          }),
          schema: relationsSchema,
          poolSize: whole({ is: 'Most connections that are open at once', from: 1, to: 200, preset: 10 }),
          connectTimeoutMs: connectTimeoutMs(),
        })
        .meta({ description: 'A PostgreSQL server.' }),
      z
        .strictObject({
          kind: z.literal('extracts'),
          directory: path(directory, { is: 'Directory of the extract files and their manifest' }),
          refreshSeconds: whole({
            is: 'Time between two looks for a new extract',
            unit: 'seconds',
            from: 1,
            to: 86_400,
            preset: 30,
          }),
        })
        .meta({ description: 'Files that the system writes, with a manifest of their digests.' }),
    ])
    .meta({ description: 'The connector that reads the system.' })
}
