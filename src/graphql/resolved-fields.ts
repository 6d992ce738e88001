import {
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isObjectType,
} from 'graphql'
import type { FieldContext, OperationContext } from './context.ts'

/** The fields of a schema that have resolvers, for whatever is put around them: the boxes, the shared store, the guard. */
export interface ResolvedField {
  /** `Type.field` */
  readonly coordinate: string
  readonly field: GraphQLField<unknown, OperationContext>
  /** As it now is. graphql-js types it by the operation's context; the guard is what gives it the field's own. */
  readonly resolve: InnerResolver
  readonly isRoot: boolean
}

export type InnerResolver = (
  self: unknown,
  args: Readonly<Record<string, unknown>>,
  context: FieldContext,
  info: GraphQLResolveInfo,
) => unknown

export function* resolvedFields(schema: GraphQLSchema): Iterable<ResolvedField> {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) {
      if (!field.resolve) continue
      const resolve = field.resolve as unknown as InnerResolver
      yield { coordinate: `${type.name}.${field.name}`, field, resolve, isRoot: type === schema.getQueryType() }
    }
  }
}

/** By one that still stands inside the guard, and so has the field's context. */
export function replaceResolver(field: ResolvedField['field'], resolve: InnerResolver): void {
  field.resolve = resolve as unknown as GraphQLFieldResolver<unknown, OperationContext>
}
