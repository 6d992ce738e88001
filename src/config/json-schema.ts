import { z } from 'zod'
import { createConfigSchema } from './schema.ts'

/**
 * The configuration's schema as JSON Schema, for editors. Called by the command that writes the published file and by
 * the test that holds that file up to date. The gateway itself never reads it.
 */

export type JsonSchema = Readonly<Record<string, unknown>>

/** JSON Schema (draft 2020-12) of the configuration file as it is written: with defaults left out and `${VAR}` in place. */
export function configJsonSchema(): JsonSchema {
  return z.toJSONSchema(createConfigSchema('/'), {
    io: 'input',
    override: ({ jsonSchema }) => allowReference(jsonSchema),
  })
}

/** Words by which a schema restricts a value so far that a reference to the environment would not pass. */
const RESTRICTING = ['type', 'pattern', 'enum', 'minimum', 'maximum'] as const

const REFERENCE = `\${VAR}`

/** Lets a reference to the environment stand where the value itself must be a number, a listed word or match a pattern. */
function allowReference(schema: z.core.JSONSchema.BaseSchema): void {
  const restricted = schema.enum !== undefined || !new RegExp(schema.pattern ?? '', 'u').test(REFERENCE)
  if (!restricted && schema.type !== 'integer' && schema.type !== 'number') return
  const given = RESTRICTING.flatMap(name => (schema[name] === undefined ? [] : [[name, schema[name]] as const]))
  for (const [name] of given) delete schema[name]
  schema.anyOf = [Object.fromEntries(given), { type: 'string', pattern: '\\$\\{[A-Za-z_]' }]
}
