import { coerceInputValue, type GraphQLField, type GraphQLResolveInfo, type GraphQLSchema } from 'graphql'
import { ensureError, GatewayError } from '../../model/errors.ts'
import type { Declarations } from '../../operations/declarations.ts'
import { ENTITIES_FIELD, type EntityLookup } from '../../operations/entities.ts'
import type { OperationContext } from '../context.ts'
import type { Representation } from './representation.ts'

/**
 * Entities of GraphQL federation by their keys. Each is asked of the root field that gives it, through that field's guard:
 * gate, cache key, owner and freshness are those of the question that a partner would ask itself. Reads nothing on its own.
 */

type Fields = Readonly<Record<string, GraphQLField<unknown, OperationContext>>>

/** To be called once the guards stand around the root fields; does nothing where the schema is no subgraph. */
export function answerEntities(schema: GraphQLSchema, declarations: Declarations): void {
  const root = schema.getQueryType()
  const fields: Fields = root?.getFields() ?? {}
  const field = fields[ENTITIES_FIELD]
  const lookups = declarations.get(`${root?.name}.${ENTITIES_FIELD}`)?.entities
  if (field === undefined || lookups === undefined) return

  async function find(
    representation: Representation,
    at: number,
    operation: OperationContext,
    info: GraphQLResolveInfo,
  ): Promise<unknown> {
    const { __typename: type } = representation
    const lookup = lookups?.get(type)
    if (lookup === undefined) throw refused(at, 'its __typename is none that can be asked for by a key')
    // What is not in the plan has been neither authorized nor made part of the answer's key.
    if (!operation.entitiesUnder.get(String(info.path.key))?.has(type))
      throw refused(at, `the operation selects nothing on ${type}`)
    const found: unknown = await ask(fields, lookup, representation, at, operation, info)
    return found == null ? null : { ...found, __typename: type }
  }

  field.resolve = (_, { representations }: { readonly representations: readonly Representation[] }, operation, info) =>
    Promise.all(
      // An error in a list stands at its own place, and the others are given.
      representations.map((one, at) => find(one, at, operation, info).catch(ensureError)),
    )
}

function ask(
  fields: Fields,
  { field: name, key }: EntityLookup,
  representation: Representation,
  at: number,
  operation: OperationContext,
  info: GraphQLResolveInfo,
): unknown {
  const field = fields[name]
  if (field?.resolve === undefined) throw new TypeError(`${name} has no resolver`)
  const given = field.args.map(argument => {
    const value = coerceInputValue(representation[argument.name] ?? null, argument.type, () => {
      throw refused(at, `${key.join(' and ')} names no ${representation.__typename}: it is missing, or not of its form`)
    })
    return [argument.name, value] as const
  })
  return field.resolve(undefined, Object.fromEntries(given), operation, info)
}

function refused(at: number, why: string): GatewayError {
  const argument = `representations[${at}]`
  return new GatewayError('BAD_USER_INPUT', `${argument}: ${why}.`, { details: { argument } })
}
