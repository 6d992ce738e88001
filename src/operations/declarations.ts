import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isIntrospectionType,
  isListType,
  isObjectType,
  valueFromASTUntyped,
} from 'graphql'
import type { SystemKey } from '../model/system.ts'
import type { ViewerFact } from '../model/viewer.ts'
import { ENTITIES_FIELD, type EntityLookups, entityLookups } from './entities.ts'

/**
 * What the SDL declares about each field: where it comes from, who may ask, what the answer depends on, how long it
 * keeps and what it costs. Read once at start; the operation plan, the guard and the caches all work from it.
 */
export interface FieldDeclaration {
  /** `Type.field` */
  readonly coordinate: string
  /** The restored system that the field's resolver reads; null: none. */
  readonly system: SystemKey | null
  /** All of these must be met; each is an OR of ANDs of scopes. */
  readonly requirements: readonly ScopeRequirement[]
  /** Facts about the viewer that the answer depends on; null where nothing is declared. */
  readonly partition: readonly ViewerFact[] | null
  /** Further facts that the answer depends on when an argument is given. */
  readonly argumentPartition: ReadonlyMap<string, readonly ViewerFact[]>
  /** Seconds the answer is fresh; null where nothing is declared. */
  readonly maxAgeSeconds: number | null
  /** Seconds that the last answer of a system that cannot answer may still be given; 0: never. */
  readonly lastKnownGoodSeconds: number
  readonly weight: number
  readonly listSize: ListSize | null
  /** The root fields that the field answers through, by the types that it gives; left out: it answers by itself. */
  readonly entities?: EntityLookups
}

export type ScopeRequirement = readonly (readonly string[])[]

export interface ListSize {
  readonly assumedSize: number | null
  readonly slicingArguments: readonly string[]
  readonly sizedFields: readonly string[]
}

export type Declarations = ReadonlyMap<string, FieldDeclaration>

/** Introspection is a field like any other, behind a scope of its own. */
export const INTROSPECTION_SCOPE = 'schema:read'
const INTROSPECTION_WEIGHT = 10
/** Of an object within it: little, but aliases and lists multiply it like any other. */
const INTROSPECTED_WEIGHT = 0.1
const INTROSPECTED_ENTRIES = 4

export function readDeclarations(schema: GraphQLSchema): Declarations {
  const declarations = new Map<string, FieldDeclaration>()
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue
    for (const field of Object.values(type.getFields())) {
      const declaration = isIntrospectionType(type) ? declareIntrospection(schema, type, field) : declare(type, field)
      declarations.set(declaration.coordinate, declaration)
    }
  }
  const entities = declarations.get(`${schema.getQueryType()?.name}.${ENTITIES_FIELD}`)
  if (entities) declarations.set(entities.coordinate, { ...entities, entities: entityLookups(schema) })
  for (const name of ['__schema', '__type']) {
    const coordinate = `${schema.getQueryType()?.name}.${name}`
    declarations.set(coordinate, {
      coordinate,
      system: null,
      requirements: [[[INTROSPECTION_SCOPE]]],
      partition: null,
      argumentPartition: new Map(),
      maxAgeSeconds: null,
      lastKnownGoodSeconds: 0,
      weight: INTROSPECTION_WEIGHT,
      listSize: null,
    })
  }
  return declarations
}

function declare(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>): FieldDeclaration {
  const on = (directive: string) => argumentsOf(field.astNode, directive) ?? argumentsOf(type.astNode, directive)
  const coordinate = `${type.name}.${field.name}`
  const requirements = [type.astNode, field.astNode]
    .map(node => argumentsOf(node, 'requiresScopes')?.scopes as ScopeRequirement | undefined)
    .filter(requirement => requirement !== undefined)
  const listSize = argumentsOf(field.astNode, 'listSize')
  const system = (argumentsOf(field.astNode, 'source')?.system as SystemKey | undefined) ?? null
  const partition = (on('partition')?.by as readonly ViewerFact[] | undefined) ?? (on('partition') ? [] : null)
  if (system !== null && partition === null)
    throw new TypeError(`${coordinate} reads ${system} and declares no @partition`)
  if (system !== null && type.name === 'Query' && requirements.length === 0)
    throw new TypeError(`${coordinate} reads ${system} and requires no scopes`)
  if (system !== null && type.name === 'Subscription')
    throw new TypeError(`${coordinate} reads ${system}: what is pushed comes from the gateway's own journal`)
  if (type.name === 'Subscription' && requirements.length === 0)
    throw new TypeError(`${coordinate} is pushed and requires no scopes`)
  if (requirements.some(requirement => requirement.length === 0))
    throw new TypeError(`${coordinate} requires one of no scopes: nobody could ask`)
  if (requirements.flat().some(alternative => alternative.length === 0))
    throw new TypeError(`${coordinate} requires no scopes as an alternative: anybody could ask`)
  const weight = Number(
    argumentsOf(field.astNode, 'cost')?.weight ?? (isCompositeType(getNamedType(field.type)) ? 1 : 0),
  )
  if (!(weight >= 0 && weight < Infinity)) throw new TypeError(`${coordinate} has a cost that is no number from 0`)
  return {
    coordinate,
    system,
    requirements,
    partition,
    argumentPartition: new Map(
      field.args.flatMap(argument => {
        const facts = argumentsOf(argument.astNode, 'partition')?.by as readonly ViewerFact[] | undefined
        return facts ? [[argument.name, facts] as const] : []
      }),
    ),
    maxAgeSeconds: (on('cacheControl')?.maxAge as number | undefined) ?? null,
    lastKnownGoodSeconds: (on('lastKnownGood')?.maxAge as number | undefined) ?? 0,
    weight,
    listSize: listSize
      ? {
          assumedSize: (listSize.assumedSize as number | undefined) ?? null,
          slicingArguments: (listSize.slicingArguments as readonly string[] | undefined) ?? [],
          sizedFields: (listSize.sizedFields as readonly string[] | undefined) ?? [],
        }
      : null,
  }
}

function declareIntrospection(
  schema: GraphQLSchema,
  type: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
): FieldDeclaration {
  const { coordinate, weight, ...rest } = declare(type, field)
  const assumedSize = coordinate === '__Schema.types' ? Object.keys(schema.getTypeMap()).length : INTROSPECTED_ENTRIES
  const listSize = isListType(getNullableType(field.type))
    ? { assumedSize, slicingArguments: [], sizedFields: [] }
    : null
  return { ...rest, coordinate, weight: weight * INTROSPECTED_WEIGHT, listSize }
}

interface Declared {
  readonly directives?: readonly {
    readonly name: { readonly value: string }
    readonly arguments?: readonly NamedValue[]
  }[]
}
interface NamedValue {
  readonly name: { readonly value: string }
  readonly value: Parameters<typeof valueFromASTUntyped>[0]
}

function argumentsOf(node: Declared | null | undefined, directive: string): Readonly<Record<string, unknown>> | null {
  const found = node?.directives?.find(candidate => candidate.name.value === directive)
  if (!found) return null
  return Object.fromEntries(
    (found.arguments ?? []).map(argument => [argument.name.value, valueFromASTUntyped(argument.value)]),
  )
}
