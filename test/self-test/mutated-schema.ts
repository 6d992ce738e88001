import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConstDirectiveNode, type GraphQLSchema, Kind, parse, print, visit } from 'graphql'
import { loadSchema } from '../../src/graphql/schema.ts'
import { SCHEMA_DIRECTORY } from '../../src/partner-api.ts'

/** The partner schema with one change to its text; throws where the change changes nothing. */
export async function mutatedSchema(change: (sdl: string) => string): Promise<GraphQLSchema> {
  const directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-schema-'))
  try {
    await cp(SCHEMA_DIRECTORY, directory, { recursive: true })
    let hasChanged = false
    for (const name of await readdir(directory)) {
      const before = await readFile(join(directory, name), 'utf8')
      const after = change(before)
      if (after === before) continue
      hasChanged ||= print(parse(after)) !== print(parse(before))
      await writeFile(join(directory, name), after)
    }
    if (!hasChanged) throw new Error('the schema has nothing to change')
    return await loadSchema(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** Has a field, `Type.field`, depend on these facts; null: it says nothing of them. */
export function withPartition(coordinate: string, facts: readonly string[] | null) {
  const partition = parseConstDirectives(facts === null ? '' : `@partition(by: [${facts.join(', ')}])`)
  const [type = ''] = coordinate.split('.')
  return (sdl: string) => {
    if (!sdl.includes(`type ${type} `)) return sdl
    return print(
      visit(parse(sdl), {
        ObjectTypeDefinition: type => ({
          ...type,
          fields: (type.fields ?? []).map(field =>
            `${type.name.value}.${field.name.value}` === coordinate
              ? {
                  ...field,
                  directives: [
                    ...(field.directives ?? []).filter(({ name }) => name.value !== 'partition'),
                    ...partition,
                  ],
                }
              : field,
          ),
        }),
      }),
    )
  }
}

function parseConstDirectives(text: string): readonly ConstDirectiveNode[] {
  const [definition] = parse(`scalar Any ${text}`).definitions
  return definition?.kind === Kind.SCALAR_TYPE_DEFINITION ? (definition.directives ?? []) : []
}
