import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildASTSchema, type GraphQLSchema, isScalarType, parse } from 'graphql'
import { representation } from './federation/representation.ts'
import { SCALARS } from './scalars.ts'

/** What the schema has besides where the gateway is a subgraph of a federation. */
const SUBGRAPH_SDL = fileURLToPath(new URL('federation/subgraph.graphql', import.meta.url))
const IMPLEMENTED = { ...SCALARS, [representation.name]: representation }

/**
 * Reads the partner schema: all SDL files of a directory, with the scalars' implementations; as a subgraph, with what
 * federation asks of one. Called once at start.
 */
export async function loadSchema(directory: string, { isSubgraph = false } = {}): Promise<GraphQLSchema> {
  const names = (await readdir(directory)).filter(name => name.endsWith('.graphql')).toSorted()
  const files = [...names.map(name => join(directory, name)), ...(isSubgraph ? [SUBGRAPH_SDL] : [])]
  const parts = await Promise.all(files.map(file => readFile(file, 'utf8')))
  const schema = buildASTSchema(parse(parts.join('\n'), { noLocation: true }))
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isScalarType(type) || isBuiltIn(type.name)) continue
    const scalar = IMPLEMENTED[type.name]
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
