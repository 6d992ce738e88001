import { z } from 'zod'
import { relationsSchema } from './relations-schema.ts'
import { line, matching, path, whole, word } from './setting.ts'

/** Extract files behind a restored system. Called by the schema of connectors. */

export const EXTRACT_FORMATS = ['csv', 'jsonl'] as const
export type ExtractFormat = (typeof EXTRACT_FORMATS)[number]

const columnsSchema = z
  .record(z.string().regex(/^[a-z][a-z0-9_]{0,62}$/), line({ is: 'Name in the files' }))
  .meta({ description: 'Names of columns in the files, by those of the relation, where they differ.' })

export function extractsSchema(directory: string) {
  return z
    .strictObject({
      kind: z.literal('extracts'),
      directory: path(directory, { is: 'Directory of the extract files and their manifest' }),
      workDirectory: path(directory, {
        is: 'Directory for the gateway’s own copies, on a local disk, shared with nobody; without it, that of the operating system',
      }).optional(),
      refreshSeconds: whole({
        is: 'Time between two looks for a new extract',
        unit: 'seconds',
        from: 1,
        to: 86_400,
        preset: 30,
      }),
      relations: relationsSchema(
        z
          .strictObject({
            files: matching(
              { is: 'Pattern of the names of its files, such as demand-*.csv: * is any characters, ? is one' },
              /^[A-Za-z0-9_*?][A-Za-z0-9._*?-]{0,199}$/,
              'must be a pattern of plain file names: letters, digits, dots, dashes, underscores, * and ?',
            ),
            columns: columnsSchema.optional(),
            format: word(EXTRACT_FORMATS, {
              is: 'Format of the files, where neither the manifest nor the ending of their names says it',
            }).optional(),
            delimiter: word(['comma', 'semicolon', 'tab', 'pipe'], {
              is: 'What stands between two cells of CSV',
              preset: 'comma',
            }),
          })
          .meta({ description: 'Where the relation is in the files.' }),
        'Relations whose files or columns have names of their own.',
      ).optional(),
    })
    .meta({ description: 'Files that the system writes, with a manifest of their digests.' })
}

export type ExtractsSettings = Readonly<z.output<ReturnType<typeof extractsSchema>>>
