import { describe, expect, test } from '@jest/globals'
import {
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  validateSchema,
} from 'graphql'
import { SCALARS } from '../../src/graphql/scalars.ts'
import { loadSchema } from '../../src/graphql/schema.ts'
import { applied, fieldsOf, ownTypes, readSchema } from './sdl.ts'

const schema = readSchema()
const fields = fieldsOf(schema)

describe('the partner schema', () => {
  test('is valid GraphQL', () => {
    expect(validateSchema(schema)).toEqual([])
  })

  test('can only be read: it has questions and what is pushed, and nothing that changes anything', () => {
    expect(schema.getQueryType()?.name).toBe('Query')
    expect(schema.getMutationType()).toBeUndefined()
    expect(Object.keys(schema.getSubscriptionType()?.getFields() ?? {})).toEqual([
      'restoredSystemChanged',
      'restartUpdatePublished',
    ])
  })

  test('describes every type, field, argument, enum value, input field and directive', () => {
    const described: (readonly [string, string | null | undefined])[] = [['schema', schema.description]]
    for (const type of ownTypes(schema)) {
      described.push([type.name, type.description])
      if (isEnumType(type)) {
        for (const value of type.getValues()) described.push([`${type.name}.${value.name}`, value.description])
      } else if (isInputObjectType(type)) {
        for (const field of Object.values(type.getFields()))
          described.push([`${type.name}.${field.name}`, field.description])
      } else if (isObjectType(type) || isInterfaceType(type)) {
        for (const field of Object.values(type.getFields())) {
          described.push([`${type.name}.${field.name}`, field.description])
          for (const argument of field.args)
            described.push([`${type.name}.${field.name}(${argument.name}:)`, argument.description])
        }
      }
    }
    for (const directive of schema.getDirectives().filter(directive => directive.astNode)) {
      described.push([`@${directive.name}`, directive.description])
      for (const argument of directive.args)
        described.push([`@${directive.name}(${argument.name}:)`, argument.description])
    }
    expect(described.length).toBeGreaterThan(400)
    expect(described.filter(([, description]) => !description?.trim().match(/[.:]$/)).map(([name]) => name)).toEqual([])
  })

  test('has an implementation for every scalar, and no other', async () => {
    const named = ownTypes(schema)
      .filter(isScalarType)
      .map(type => type.name)
    expect(Object.keys(SCALARS).toSorted()).toEqual(named.toSorted())
    const loaded = await loadSchema(new URL('../../schema', import.meta.url).pathname)
    const vin = loaded.getType('VIN')
    expect(isScalarType(vin) && (() => vin.parseValue('no vin'))).toThrow('ISO 3779')
  })

  test('says what null means on every nullable field that reads no system', () => {
    const silent = fields
      .filter(({ field }) => !isNonNullType(field.type) && applied(field.astNode, 'source').length === 0)
      .filter(({ type, field }) => type.name !== 'Query' && !/null/i.test(field.description ?? ''))
    expect(silent.map(({ coordinate }) => coordinate)).toEqual([])
  })
})

describe('connections', () => {
  const connections = ownTypes(schema)
    .filter(isObjectType)
    .filter(type => type.name.endsWith('Connection'))

  test.each(connections.map(type => [type.name, type] as const))(
    '%s has the shape that Relay asks for',
    (name, type) => {
      const node = name.replace(/Connection$/, '')
      const { edges, pageInfo } = type.getFields()
      expect(String(edges?.type)).toBe(`[${node}Edge!]!`)
      expect(String(pageInfo?.type)).toBe('PageInfo!')
      const edge = schema.getType(`${node}Edge`)
      if (!isObjectType(edge)) throw new Error(`${node}Edge is missing`)
      expect(String(edge.getFields().cursor?.type)).toBe('String!')
      const record = edge.getFields().node?.type
      expect(isNonNullType(record)).toBe(true)
      expect(isObjectType(record && getNamedType(record)) && isRecord(getNamedType(record)?.name)).toBe(true)
    },
  )

  test('are asked for by first and after, and cost what first says', () => {
    const asked = fields.filter(({ field }) => getNamedType(field.type).name.endsWith('Connection'))
    expect(asked).toHaveLength(connections.length)
    for (const { coordinate, field } of asked) {
      const [first, after] = field.args
      expect([coordinate, first?.name, String(first?.type), after?.name, String(after?.type)]).toEqual([
        coordinate,
        'first',
        'Int!',
        'after',
        'String',
      ])
      expect(first?.defaultValue).toBeGreaterThan(0)
      expect(first?.description).toContain('1 to 200')
      expect(applied(field.astNode, 'listSize')).toEqual([{ slicingArguments: ['first'], sizedFields: ['edges'] }])
    }
  })

  test('of a restored system carry provenance, as do its records', () => {
    const ofSystems = new Set(
      fields
        .filter(({ type, field }) => type.name === 'Query' && applied(field.astNode, 'source').length > 0)
        .map(({ field }) => getNamedType(field.type)),
    )
    const records = connections
      .filter(type => ofSystems.has(type))
      .map(type => schema.getType(type.name.replace('Connection', 'Edge')))
      .map(edge => isObjectType(edge) && edge.getFields().node)
      .map(node => node && getNamedType(node.type))
    for (const type of [...ofSystems, ...records]) {
      const provenance = isObjectType(type) ? type.getFields().provenance : undefined
      expect([String(type), provenance && getNullableType(provenance.type).toString()]).toEqual([
        String(type),
        'DataProvenance',
      ])
    }
    for (const name of ['Part', 'ProductionLine', 'SupplierPosition', 'VehicleBuild']) {
      const type = schema.getType(name)
      expect(isObjectType(type) && String(type.getFields().provenance?.type)).toBe('DataProvenance!')
    }
  })

  function isRecord(name: string | undefined): boolean {
    const type = name === undefined ? undefined : schema.getType(name)
    return isObjectType(type) && type.getInterfaces().some(({ name }) => name === 'Node')
  }
})

test('every list says how long it is', () => {
  const sized = new Set(
    fields.flatMap(({ field }) =>
      applied(field.astNode, 'listSize').flatMap(({ sizedFields }) =>
        ((sizedFields ?? []) as readonly string[]).map(name => `${getNamedType(field.type).name}.${name}`),
      ),
    ),
  )
  for (const { coordinate, field } of fields) {
    if (!isListType(getNullableType(field.type)) || sized.has(coordinate)) continue
    const [size] = applied(field.astNode, 'listSize')
    const slices = (size?.slicingArguments ?? []) as readonly string[]
    const assumed = size?.assumedSize
    const isBounded = typeof assumed === 'number' && assumed >= 1 && assumed <= 200
    const isSliced = slices.length > 0 && slices.every(slice => field.args.some(({ name }) => name === slice))
    expect([coordinate, isBounded || isSliced]).toEqual([coordinate, true])
  }
})
