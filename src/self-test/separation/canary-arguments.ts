import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLScalarType,
  getNamedType,
  getNullableType,
  isEnumType,
  isListType,
  isRequiredArgument,
  isScalarType,
} from 'graphql'
import { RELATIONS } from '../../systems/relations/all.ts'
import { FORMS, soughtText } from './canary-rows.ts'

/**
 * The arguments by which the self-test asks a field, as GraphQL text: those that it must have, and those named. Null: one
 * of them cannot be made.
 */
export function argumentsText(field: GraphQLField<unknown, unknown>, named: readonly string[] = []): string | null {
  const wanted = field.args.filter(argument => isRequiredArgument(argument) || named.includes(argument.name))
  const values = wanted.map(argument => [argument.name, valueFor(argument)] as const)
  if (values.some(([, value]) => value === null)) return null
  return values.length === 0 ? '' : `(${values.map(([name, value]) => `${name}: ${value}`).join(', ')})`
}

function valueFor({ name, type }: GraphQLArgument): string | null {
  const value = oneFor(getNamedType(type), name)
  return value !== null && isListType(getNullableType(type)) ? `[${value}]` : value
}

function oneFor(type: ReturnType<typeof getNamedType>, argument: string): string | null {
  if (isEnumType(type)) return type.getValues()[0]?.name ?? null
  if (!isScalarType(type)) return null
  const known = type.name === 'String' ? soughtText(Object.values(RELATIONS).flat(), argument) : formOf(type)
  return known === null ? null : JSON.stringify(known)
}

/** The first that the scalar takes, as is that of a column of the same form. */
function formOf(scalar: GraphQLScalarType): string | null {
  const isTaken = (form: string) => {
    try {
      return scalar.parseValue(form) !== undefined
    } catch {
      return false
    }
  }
  return FORMS.find(isTaken) ?? null
}
