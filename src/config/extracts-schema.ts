import { z } from 'zod'
import { relationsSchema } from './relations-schema.ts'
import { line, path, whole } from './setting.ts'

/** Extract files behind a restored system. Called by the schema of connectors. */

export function extractsSchema(directory: string) {
  return z
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
      relations: relationsSchema(
        z.strictObject({
          files: line({ is: 'Pattern of the names of its files, such as demand-*.csv' }),
          columns: z
            .record(z.string().regex(/^[a-z][a-z0-9_]{0,62}$/), line({ is: 'Name in the files' }))
            .optional()
            .meta({ description: 'Names of columns in the files, where they are not those of the relation.' }),
        }),
        'Relations whose files or columns have names of their own.',
      ).optional(),
    })
    .meta({ description: 'Files that the system writes, with a manifest of their digests.' })
}
