import {
  type GraphQLArgument,
  type GraphQLDirective,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  print,
} from 'graphql'
import { applied } from '../sdl.ts'
import { fieldColumns } from './field-columns.ts'
import { cellText, table, typeText } from './markdown.ts'
import type { Concept, PartnerSchema } from './partner-schema.ts'

/** The page of one file of the schema: all that it defines, in its order. */
export function conceptPage(concept: Concept, of: PartnerSchema): string {
  const sections = concept.defines.map(name => {
    if (name.startsWith('@')) return directiveSection(of.schema.getDirective(name.slice(1)), of)
    const type = of.schema.getType(name)
    if (!type) throw new Error(`${name} is no type of the schema`)
    return `## ${name}\n\n${[kindOf(type, of), type.description ?? '', ...bodyOf(type, of)].join('\n\n')}`
  })
  return sections.join('\n\n')
}

function kindOf(type: GraphQLNamedType, { placeOf }: PartnerSchema): string {
  if (isScalarType(type)) return `*Scalar*${type.specifiedByURL ? `, specified by <${type.specifiedByURL}>` : ''}`
  if (isEnumType(type)) return '*Enum*'
  if (isInputObjectType(type)) return '*Input*'
  if (isInterfaceType(type)) return '*Interface*'
  if (!isObjectType(type)) throw new Error(`${type.name} is of a kind that the reference has no words for`)
  const interfaces = type.getInterfaces().map(one => typeText(one, placeOf))
  return `*Type*${interfaces.length > 0 ? `, a ${interfaces.join(', ')}` : ''}`
}

function bodyOf(type: GraphQLNamedType, of: PartnerSchema): readonly string[] {
  if (isEnumType(type)) {
    return [
      table(type.getValues(), [
        { title: 'value', cell: ({ name }) => `\`${name}\`` },
        { title: 'meaning', cell: ({ description }) => cellText(description) },
        { title: 'code', cell: ({ astNode }) => codesText(astNode) },
      ]),
    ]
  }
  if (isInputObjectType(type)) return [givenTable('member', Object.values(type.getFields()), of)]
  if (!isObjectType(type) && !isInterfaceType(type)) return []
  const fields = Object.values(type.getFields())
  const described = fields.map(field => ({ field, declaration: declarationOf(type, field, of) }))
  const own = table(described, [
    { title: 'field', cell: ({ field }) => `\`${field.name}\`` },
    ...fieldColumns(of),
    { title: 'code', cell: ({ field }) => codesText(field.astNode) },
  ])
  const taking = fields.filter(({ args }) => args.length > 0)
  return [own, ...taking.map(({ name, args }) => `\`${name}\` takes:\n\n${givenTable('argument', args, of)}`)]
}

/** The fields of an interface declare nothing: what holds is said of the types that have them. */
function declarationOf(type: GraphQLNamedType, field: GraphQLField<unknown, unknown>, { declarations }: PartnerSchema) {
  const coordinate = `${type.name}.${field.name}`
  const declared = declarations.get(coordinate)
  if (declared) return declared
  if (!isInterfaceType(type)) throw new Error(`${coordinate} has no declaration`)
  return {
    coordinate,
    system: null,
    requirements: [],
    partition: null,
    argumentPartition: new Map(),
    maxAgeSeconds: null,
    lastKnownGoodSeconds: 0,
    weight: 0,
    listSize: null,
  }
}

function directiveSection(directive: GraphQLDirective | null | undefined, of: PartnerSchema): string {
  if (!directive) throw new Error('a directive that is defined is none of the schema')
  const places = directive.locations.map(place => place.toLowerCase().replaceAll('_', ' ')).join(', ')
  const head = `*Directive* on ${places}${directive.isRepeatable ? '; more than once' : ''}`
  const { name, description, args } = directive
  return [`## @${name}`, head, description ?? '', givenTable('argument', args, of)].join('\n\n')
}

function givenTable(
  title: string,
  given: readonly (GraphQLArgument | GraphQLInputField)[],
  { placeOf }: PartnerSchema,
): string {
  return table(given, [
    { title, cell: ({ name }) => `\`${name}\`` },
    { title: 'type', cell: ({ type }) => typeText(type, placeOf) },
    {
      title: 'default',
      cell: ({ astNode }) => (astNode?.defaultValue ? `\`${print(astNode.defaultValue)}\`` : ''),
    },
    { title: 'meaning', cell: ({ description }) => cellText(description) },
  ])
}

function codesText(node: Parameters<typeof applied>[0]): string {
  return applied(node, 'standardCode')
    .map(({ list, code }) => `${list}: \`${code}\``)
    .join('; ')
}
