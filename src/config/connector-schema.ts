import { z } from 'zod'
import type { FilePath } from '../model/operator-file.ts'
import { extractsSchema } from './extracts-schema.ts'
import { odataSchema } from './odata-schema.ts'
import { postgresSchema } from './postgres-schema.ts'
import { databaseSchema } from './setting.ts'

/** How a restored system is reached: one shape per kind of connector. Called by the schema of the configuration. */

const embeddedSchema = z
  .strictObject({
    kind: z.literal('embedded-postgres'),
    schema: databaseSchema({ is: 'Name of the schema in the database that holds the relations' }),
  })
  .meta({ description: 'The PostgreSQL that the gateway runs in its own process. Needs the section `embedded`.' })

/** Where a connector stands in its system's section: alone, or in a list. */
export function connectorPath(connectors: readonly unknown[], index: number): FilePath {
  return connectors.length === 1 ? ['connector'] : ['connectors', index]
}

export function connectorSchema(directory: string) {
  return z
    .discriminatedUnion('kind', [
      embeddedSchema,
      postgresSchema(directory),
      odataSchema(directory),
      extractsSchema(directory),
    ])
    .meta({ id: 'connector', description: 'A connector that reads the system, or some of its relations.' })
}
