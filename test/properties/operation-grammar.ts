import fc from 'fast-check'
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import type { Question } from '../support/gateway.ts'

/**
 * Random operations from the schema's own grammar: fields with arguments and aliases, nested inline fragments, named
 * fragments whose few names recur with other bodies from document to document, `@include` and `@skip`, and variables with values or defaults.
 */
export interface GrammarOptions {
  readonly schema: GraphQLSchema
  /** Fields that are not asked for, as `Type.field`. */
  readonly without: ReadonlySet<string>
  /** Values that make sense, by scalar or by `argument`: some of the viewer's own, some of others, some of nobody. */
  readonly values: Readonly<Record<string, readonly unknown[]>>
}

type Draw = <T>(arbitrary: fc.Arbitrary<T>) => T
type AnyField = GraphQLField<unknown, unknown>

const DEPTH = 5
const FRAGMENT_NAMES = ['Core', 'More', 'Rest']

/** One operation; `asks` says which root fields may be asked, so that most operations are allowed. */
export function operations(options: GrammarOptions, asks: readonly string[]): fc.Arbitrary<Question> {
  return fc.gen().map(g => {
    const draw: Draw = arbitrary => g(() => arbitrary)
    return new Writer(options, draw).operation(asks)
  })
}

class Writer {
  readonly #options: GrammarOptions
  readonly #draw: Draw
  readonly #isConditional: boolean
  readonly #declared: string[] = []
  readonly #given: [name: string, value: unknown][] = []
  readonly #fragments = new Map<string, string>()
  #aliases = 0

  constructor(options: GrammarOptions, draw: Draw) {
    this.#options = options
    this.#draw = draw
    // Conditional operations are interpreted and the others compiled: there must be enough of both.
    this.#isConditional = draw(fc.integer({ min: 0, max: 2 })) === 0
  }

  operation(asks: readonly string[]): Question {
    const query = this.#options.schema.getQueryType()
    if (!query) throw new Error('the schema has no queries')
    const roots = this.#draw(fc.subarray([...asks], { minLength: 1, maxLength: Math.min(3, asks.length) }))
    const selections = roots.map(name => this.#field(this.#fieldOf(query, name), DEPTH)).join(' ')
    const declared = this.#declared.join(', ')
    const head = this.#draw(fc.constantFrom('', 'query', 'query Ask'))
    const opening = declared ? `${head || 'query'} (${declared})` : head
    return {
      query: `${opening} { ${this.#dressed(query, selections)} } ${[...this.#fragments.values()].join(' ')}`,
      variables: Object.fromEntries(this.#given),
    }
  }

  /** Selections of an object type, at least one, in fragments here and there. */
  #selections(type: GraphQLObjectType, depth: number): string {
    const fields = Object.values(type.getFields()).filter(
      field =>
        !this.#options.without.has(`${type.name}.${field.name}`) &&
        (depth > 0 || !isObjectType(getNamedType(field.type))),
    )
    if (fields.length === 0) return '__typename'
    const chosen = this.#draw(fc.subarray(fields, { minLength: 1, maxLength: Math.min(4, fields.length) }))
    return this.#dressed(type, chosen.map(field => this.#field(field, depth)).join(' '))
  }

  #dressed(type: GraphQLObjectType, selections: string): string {
    switch (this.#draw(fc.integer({ min: 0, max: 9 }))) {
      case 0:
        return `... on ${type.name} { ${selections} }`
      case 1:
        return `... { ... on ${type.name} { ... { ${selections} } } } __typename`
      case 2:
        return `...${this.#condition()} { ${selections} } __typename`
      case 3: {
        const name = FRAGMENT_NAMES.find(free => !this.#fragments.has(free))
        if (!name) return selections
        this.#fragments.set(name, `fragment ${name} on ${type.name} { ${selections} }`)
        return `...${name} ...${name}`
      }
      case 4:
        return type.getInterfaces().length > 0 ? `... on Node { id } ${selections}` : selections
      default:
        return selections
    }
  }

  #field(field: AnyField, depth: number): string {
    const args = field.args.map(argument => this.#argument(field, argument)).filter(text => text !== '')
    const needsAlias = field.args.length > 0 || this.#draw(fc.integer({ min: 0, max: 4 })) === 0
    const alias = needsAlias ? `a${this.#aliases++}: ` : ''
    const condition = this.#draw(fc.integer({ min: 0, max: 4 })) === 0 ? this.#condition() : ''
    const named = getNamedType(field.type)
    const below = isObjectType(named) ? ` { ${this.#selections(named, depth - 1)} }` : ''
    return `${alias}${field.name}${args.length > 0 ? `(${args.join(', ')})` : ''}${condition}${below}`
  }

  #condition(): string {
    if (!this.#isConditional) return ''
    const directive = this.#draw(fc.constantFrom('@include', '@skip'))
    const value = this.#draw(fc.boolean())
    if (this.#draw(fc.boolean())) return ` ${directive}(if: ${value})`
    return ` ${directive}(if: $${this.#variable('Boolean!', value, String(value))})`
  }

  #argument(field: AnyField, argument: GraphQLArgument): string {
    const isRequired = isNonNullType(argument.type) && argument.defaultValue === undefined
    if (!isRequired && this.#draw(fc.boolean())) return ''
    const value = this.#value(argument.type, `${field.name}.${argument.name}`)
    const text = literal(value, argument.type)
    return `${argument.name}: ${this.#draw(fc.boolean()) ? `$${this.#variable(String(argument.type), value, text)}` : text}`
  }

  #value(type: GraphQLInputType, place: string): unknown {
    if (isNonNullType(type)) return this.#value(type.ofType, place)
    if (isListType(type)) {
      const count = this.#draw(fc.integer({ min: 1, max: 4 }))
      return Array.from({ length: count }, () => this.#value(type.ofType, place))
    }
    if (isInputObjectType(type)) return this.#inputObject(type)
    if (isEnumType(type)) return this.#draw(fc.constantFrom(...type.getValues().map(value => value.name)))
    if (type.name === 'Boolean') return this.#draw(fc.boolean())
    const pool = this.#options.values[place] ?? this.#options.values[type.name]
    if (!pool) throw new Error(`no values for ${place}: ${type}`)
    return this.#draw(fc.constantFrom(...pool))
  }

  #inputObject(type: GraphQLInputObjectType): Readonly<Record<string, unknown>> {
    const fields = this.#draw(
      fc.subarray(Object.values(type.getFields()), { maxLength: Math.min(2, Object.keys(type.getFields()).length) }),
    )
    return Object.fromEntries(fields.map(field => [field.name, this.#value(field.type, `${type.name}.${field.name}`)]))
  }

  /** A variable that has its value from the request, or from its own default, which is its value as `text`. */
  #variable(type: string, value: unknown, text: string): string {
    const name = `v${this.#declared.length}`
    const isGiven = this.#draw(fc.boolean())
    this.#declared.push(`$${name}: ${type}${isGiven ? '' : ` = ${text}`}`)
    if (isGiven) this.#given.push([name, value])
    return name
  }

  #fieldOf(type: GraphQLObjectType, name: string): AnyField {
    const field = type.getFields()[name]
    if (!field) throw new Error(`${type.name} has no ${name}`)
    return field
  }
}

/** A value in the query language: enum values stand without quotes, so the type decides. */
function literal(value: unknown, type: GraphQLInputType): string {
  if (isNonNullType(type)) return literal(value, type.ofType)
  if (value === null) return 'null'
  if (isListType(type)) return `[${(value as unknown[]).map(member => literal(member, type.ofType)).join(', ')}]`
  if (isEnumType(type)) return String(value)
  if (isInputObjectType(type)) {
    const members = Object.entries(value as object).map(([name, member]) => {
      const field = type.getFields()[name]
      return field ? `${name}: ${literal(member, field.type)}` : ''
    })
    return `{ ${members.join(', ')} }`
  }
  return JSON.stringify(value)
}
