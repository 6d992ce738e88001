import fc from 'fast-check'
import {
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLNamedType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import { partnerSchema } from './planning.ts'

/**
 * Requests whose documents parse, written by the grammar of the partner schema with a mistake here and there: most of
 * what clients send, and some of what nobody should.
 */
export interface AnyRequest {
  readonly source: string
  readonly operationName: string | undefined
  readonly variables: Readonly<Record<string, unknown>>
}

type Draw = <T>(arbitrary: fc.Arbitrary<T>) => T

const DEPTH = 4
const HOSTILE = ['__proto__', 'constructor', 'toString', '__schema', '__type', 'nothing']
const LITERALS = [
  '1',
  '-1',
  '99999999999999999999',
  '1.5e300',
  'true',
  'null',
  'PAID',
  '$v',
  '""',
  '"\\u0000"',
  '[]',
  '{a: 1}',
]
const VALUES: Readonly<Record<string, readonly string[]>> = {
  Int: ['1', '50', '200', '201', '0', '-1'],
  PartNumber: ['"A1"', '"LR 001234"'],
  VIN: ['"SALVA2AE4EH877322"'],
  BPNS: ['"BPNS00000000ST01"'],
  Date: ['"2025-10-07"'],
  DateTime: ['"2025-10-07T08:00:00Z"'],
  String: ['""', '"x"', '"\\u0000"'],
  Boolean: ['true', 'false'],
}

export const anyRequests: fc.Arbitrary<AnyRequest> = fc.gen().map(g => {
  const draw: Draw = arbitrary => g(() => arbitrary)
  const isOneIn = (chances: number) => draw(fc.integer({ min: 1, max: chances })) === 1
  const oneOf = (words: readonly string[]) => draw(fc.constantFrom(...words))
  const fragments = new Map<string, string>()

  function value(type: GraphQLInputType): string {
    if (isOneIn(30)) return oneOf(LITERALS)
    if (isNonNullType(type)) return value(type.ofType)
    if (isListType(type))
      return `[${Array.from({ length: draw(fc.integer({ min: 1, max: 3 })) }, () => value(type.ofType)).join(' ')}]`
    if (isEnumType(type)) return oneOf(type.getValues().map(({ name }) => name))
    if (isInputObjectType(type)) {
      const fields = draw(fc.subarray(Object.values(type.getFields()), { maxLength: 2 }))
      return `{ ${fields.map(field => `${field.name}: ${value(field.type)}`).join(' ')} }`
    }
    return type.name === 'Int' && isOneIn(4) ? '$v' : oneOf(VALUES[type.name] ?? ['"x"'])
  }

  function argumentsOf(declared: readonly GraphQLArgument[]): string {
    const given = declared.filter(
      ({ type, defaultValue }) => (isNonNullType(type) && defaultValue === undefined) !== isOneIn(20),
    )
    const written = given.map(({ name, type }) => `${isOneIn(40) ? oneOf(HOSTILE) : name}: ${value(type)}`)
    return written.length > 0 ? `(${written.join(' ')})` : ''
  }

  function selections(type: GraphQLNamedType, depth: number): string {
    const fields = isObjectType(type) ? Object.values(type.getFields()) : []
    const chosen = draw(fc.subarray(fields, { maxLength: Math.min(3, fields.length) }))
    const written = chosen.map(field => {
      const below = getNamedType(field.type)
      if (isObjectType(below) && depth === 0) return '__typename'
      const condition = isOneIn(15)
        ? ` @${oneOf(['include', 'skip', 'nothing'])}(if: ${oneOf(['true', '$b', '1'])})`
        : ''
      const alias = isOneIn(4) ? `a${draw(fc.nat(99))}: ` : ''
      const inside = isObjectType(below) === isOneIn(60) ? '' : ` ${selections(below, depth - 1)}`
      return `${alias}${isOneIn(60) ? oneOf(HOSTILE) : field.name}${argumentsOf(field.args)}${condition}${inside}`
    })
    return `{ ${['__typename', ...written, ...(isOneIn(6) ? [fragment(type, depth)] : [])].join(' ')} }`
  }

  function fragment(type: GraphQLNamedType, depth: number): string {
    const name = oneOf(['A', 'B', 'C'])
    if (isOneIn(2)) return `... ${isOneIn(2) ? `on ${type.name} ` : ''}${selections(type, depth)}`
    // Named before it is written, so that it may come to stand inside itself.
    if (!fragments.has(name)) {
      fragments.set(name, '')
      fragments.set(name, `fragment ${name} on ${type.name} ${selections(type, depth)}`)
    }
    return `...${name}`
  }

  const query = partnerSchema.getQueryType()
  if (!query) throw new Error('the schema has no queries')
  const operation = () =>
    `${isOneIn(40) ? 'mutation' : 'query'} ${oneOf(['Q', 'Q', 'R', '__proto__'])} ($v: Int = 5, $b: Boolean${oneOf(['!', '!', ' = true'])}) ${selections(query, DEPTH)}`
  const operations = isOneIn(6) ? [operation(), operation()] : [operation()]
  return {
    // Uses both variables, since a document that leaves one unused is refused for that alone.
    source: `${[...operations.map(text => text.replace(/\}$/, 'v: restartStatus { updates(first: $v) { pageInfo { hasNextPage } } } b: __typename @skip(if: $b) }')), ...fragments.values()].join('\n')}`,
    operationName: isOneIn(2) ? undefined : oneOf(['Q', 'Q', 'R', '', '__proto__']),
    variables: {
      b: true,
      ...draw(
        fc.dictionary(fc.constantFrom('v', 'b', '__proto__', 'x'), fc.jsonValue(), { maxKeys: isOneIn(3) ? 3 : 0 }),
      ),
    },
  }
})
