import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isObjectType,
} from 'graphql'
import type { Declarations, FieldDeclaration } from '../../operations/declarations.ts'
import { argumentsText } from './canary-arguments.ts'

/**
 * A probe for each field that reads a restored system and is cached, made of the schema, and one more for each argument of
 * such a field that makes its answer depend on more.
 */
export interface Probe {
  readonly declaration: FieldDeclaration
  /** `Type.field`, with the argument where it is about one. */
  readonly name: string
  /**
   * By the shortest way to the field: first for what it gives by itself, then for what the fields below it read as well.
   * Empty: no way leads to it, or none whose arguments can be made.
   */
  readonly questions: readonly Question[]
}

export interface Question {
  readonly query: string
  /** From the root to the field, through lists. */
  readonly path: readonly string[]
}

/** How a field is reached. */
interface Way {
  readonly field: GraphQLField<unknown, unknown>
  /** To the object that it belongs to; null: the root. */
  readonly before: Way | null
}

export function cachedFields(schema: GraphQLSchema, declarations: Declarations): readonly Probe[] {
  const ways = waysFrom(schema.getQueryType() ?? null)
  return [...declarations.values()]
    .filter(({ system, maxAgeSeconds }) => system !== null && (maxAgeSeconds ?? 0) > 0)
    .flatMap(declaration => {
      const { coordinate, argumentPartition } = declaration
      const way = ways.get(coordinate)
      const probe = (name: string, given: readonly string[]): Probe => ({
        declaration,
        name,
        questions: way ? [0, 1].flatMap(reads => questionTo(way, given, reads, declarations)) : [],
      })
      const adding = [...argumentPartition.keys()]
      return [probe(coordinate, []), ...adding.map(argument => probe(`${coordinate}(${argument}:)`, [argument]))]
    })
}

/** The shortest way to each field, by its coordinate. */
function waysFrom(root: GraphQLObjectType | null): ReadonlyMap<string, Way> {
  const ways = new Map<string, Way>()
  const next: (readonly [GraphQLObjectType, Way | null])[] = root ? [[root, null]] : []
  const met = new Set<GraphQLNamedType>()
  for (const [type, before] of next) {
    if (met.has(type)) continue
    met.add(type)
    for (const field of Object.values(type.getFields())) {
      if (argumentsText(field) === null) continue
      const way = { field, before }
      ways.set(`${type.name}.${field.name}`, way)
      const named = getNamedType(field.type)
      if (isObjectType(named)) next.push([named, way])
    }
  }
  return ways
}

function questionTo(
  way: Way,
  given: readonly string[],
  reads: number,
  declarations: Declarations,
): readonly Question[] {
  const { field } = way
  const asked = argumentsText(field, given)
  if (asked === null) return []
  let query = `${field.name}${asked}${selectionOf(getNamedType(field.type), reads, declarations)}`
  const path = [field.name]
  for (let step = way.before; step !== null; step = step.before) {
    query = `${step.field.name}${argumentsText(step.field)} { ${query} }`
    path.unshift(step.field.name)
  }
  return [{ query: `{ ${query} }`, path }]
}

/** All of a type, through at most `reads` fields that read a system, and no type within itself. */
function selectionOf(
  type: GraphQLNamedType,
  reads: number,
  declarations: Declarations,
  within: readonly GraphQLNamedType[] = [],
): string {
  if (isLeafType(type)) return ''
  if (!isObjectType(type)) return ' { __typename }'
  const inside = [...within, type]
  const selected = Object.values(type.getFields()).flatMap(field => {
    const named = getNamedType(field.type)
    const isRead = declarations.get(`${type.name}.${field.name}`)?.system != null
    const left = isRead ? reads - 1 : reads
    if (left < 0 || inside.includes(named) || argumentsText(field) !== '') return []
    return field.name + selectionOf(named, left, declarations, inside)
  })
  return ` { __typename ${selected.join(' ')} }`
}
