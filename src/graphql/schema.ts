import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildASTSchema, type GraphQLSchema, isScalarType, parse } from 'graphql'
import { SCALARS } from './scalars.ts'

/**
 * Reads the partner schema: all SDL files of a directory, with the scalars' implementations. Called once at start.
 */
export async function loadSchema(directory: string): Promise<GraphQLSchema> {
  const files = (await readdir(directory)).filter(name => name.endsWith('.graphql')).toSorted()
  const parts = await Promise.all(files.map(name => readFile(join(directory, name), 'utf8')))
  const schema = buildASTSchema(parse(parts.join('\n'), { noLocation: true }))
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isScalarType(type) || isBuiltIn(type.name)) continue
    const scalar = SCALARS[type.name]
    if (!scalar) throw new TypeError(`the schema's scalar ${type.name} has no implementation`)
    type.serialize = scalar.serialize
    type.parseValue = scalar.parseValue
    type.parseLiteral = scalar.parseLiteral
  }
  return schema
}

function isBuiltIn(name: string): boolean {
  return ['Int', 'Float', 'String', 'Boolean', 'ID'].includes(name)
}
