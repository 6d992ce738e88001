import { readdirSync, readFileSync } from 'node:fs'
import { type DefinitionNode, type GraphQLSchema, parse } from 'graphql'
import { type Declarations, readDeclarations } from '../../../src/operations/declarations.ts'
import { readSchema } from '../sdl.ts'
import { anchorOf } from './markdown.ts'

/** What the reference is made of: the schema, what it declares, and which file of it says what. */
export interface PartnerSchema {
  readonly schema: GraphQLSchema
  readonly declarations: Declarations
  /** In the order of their names. */
  readonly concepts: readonly Concept[]
  /** Where a type or a directive (`@name`) is described, from a page beside it; null: it is GraphQL's own. */
  placeOf(name: string): string | null
}

/** One file of the schema, which becomes one page. */
export interface Concept {
  readonly name: string
  /** The names of what it defines, directives with their `@`, as they stand there. */
  readonly defines: readonly string[]
}

const DIRECTORY = new URL('../../../schema/', import.meta.url)

export function readPartnerSchema(): PartnerSchema {
  const schema = readSchema()
  const concepts = readdirSync(DIRECTORY)
    .filter(name => name.endsWith('.graphql'))
    .toSorted()
    .map(file => ({
      name: file.replace(/\.graphql$/, ''),
      defines: parse(readFileSync(new URL(file, DIRECTORY), 'utf8')).definitions.flatMap(nameOf),
    }))
  const places = new Map(
    concepts.flatMap(({ name, defines }) => defines.map(one => [one, `${name}.md#${anchorOf(one)}`])),
  )
  return {
    schema,
    declarations: readDeclarations(schema),
    concepts,
    placeOf: name => places.get(name) ?? null,
  }
}

function nameOf(definition: DefinitionNode): readonly string[] {
  if (!('name' in definition) || definition.name === undefined) return []
  const isDirective = definition.kind === 'DirectiveDefinition'
  return [`${isDirective ? '@' : ''}${definition.name.value}`]
}
