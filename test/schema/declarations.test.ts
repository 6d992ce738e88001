import { describe, expect, test } from '@jest/globals'
import { type GraphQLNamedType, getNamedType, isAbstractType, isNonNullType, isObjectType } from 'graphql'
import { applied, fieldsOf, readSchema } from './sdl.ts'

const schema = readSchema()
const fields = fieldsOf(schema)
const queryFields = fields.filter(({ type }) => type.name === 'Query')
const reading = fields.filter(({ field }) => applied(field.astNode, 'source').length > 0)

const PARTS = 'PARTS_LOGISTICS'
const FINANCE = 'WHOLESALE_FINANCE'
const PRODUCTION = 'PRODUCTION_SCHEDULE'

/** Every field whose resolver reads a restored system: system, partition, seconds fresh, seconds last known good. */
const READING: Readonly<Record<string, readonly [string, readonly string[], number, number?]>> = {
  'Query.part': [PARTS, [], 3600, 604800],
  'Query.partAvailability': [PARTS, ['SITES'], 30, 3600],
  'Query.partsOrderLines': [PARTS, ['PARTNER'], 15],
  'Query.supplierInvoices': [FINANCE, ['PARTNER'], 15],
  'Query.supplierInvoiceByReference': [FINANCE, ['PARTNER'], 15],
  'Query.supplierPayments': [FINANCE, ['PARTNER'], 15],
  'Query.supplierPosition': [FINANCE, ['PARTNER'], 60],
  'Query.vehicleWholesales': [FINANCE, ['PARTNER'], 15],
  'Query.vehicleWholesale': [FINANCE, ['PARTNER'], 15],
  'Query.productionSchedule': [PRODUCTION, [], 60, 86400],
  'Query.materialDemands': [PRODUCTION, ['PARTNER'], 60, 86400],
  'Query.vehicleBuild': [PRODUCTION, ['PARTNER'], 60, 86400],
  'Part.supersession': [PARTS, [], 3600, 604800],
  'PartAvailability.part': [PARTS, [], 3600, 604800],
  'PartAvailability.outcome': [PARTS, ['SITES'], 30, 3600],
  'PartAvailability.lines': [PARTS, ['SITES'], 30, 3600],
  'PartAvailability.provenance': [PARTS, ['SITES'], 30, 3600],
  'PartAvailabilityLine.quantityOnHand': [PARTS, ['SITES', 'ROLE'], 30, 3600],
  'PartAvailabilityLine.quantityAllocated': [PARTS, ['SITES', 'ROLE'], 30, 3600],
  'PartsOrderLine.deliveries': [PARTS, ['PARTNER'], 15],
  'SupplierInvoice.lines': [FINANCE, ['PARTNER'], 15],
  'SupplierInvoice.payments': [FINANCE, ['PARTNER'], 15],
  'SupplierInvoiceConnection.totalOpen': [FINANCE, ['PARTNER'], 15],
  'SupplierPayment.remittance': [FINANCE, ['PARTNER'], 15],
  'RemittanceLine.payment': [FINANCE, ['PARTNER'], 15],
  'RemittanceLine.invoice': [FINANCE, ['PARTNER'], 15],
  'VehicleWholesale.funding': [FINANCE, ['PARTNER'], 15],
  'ProductionScheduleEntry.line': [PRODUCTION, [], 60, 86400],
}

describe('a field that reads a restored system', () => {
  test('is one of those that are meant to, and declares its system, partition, freshness and last-known-good', () => {
    const declared = reading.map(({ coordinate, field: { astNode } }) => {
      const lastKnownGood = applied(astNode, 'lastKnownGood')[0]?.maxAge
      return [
        coordinate,
        [
          applied(astNode, 'source')[0]?.system,
          applied(astNode, 'partition')[0]?.by,
          applied(astNode, 'cacheControl')[0]?.maxAge,
          ...(lastKnownGood === undefined ? [] : [lastKnownGood]),
        ],
      ]
    })
    expect(Object.fromEntries(declared)).toEqual(READING)
  })

  test('is nullable, so that a closed system nulls it alone', () => {
    expect(reading.filter(({ field }) => isNonNullType(field.type)).map(({ coordinate }) => coordinate)).toEqual([])
  })

  test('stands below no field of Query that cannot be null: an answer can lose it without losing the rest', () => {
    const reachable = (type: GraphQLNamedType, seen = new Set<string>()): ReadonlySet<string> => {
      if (seen.has(type.name)) return seen
      seen.add(type.name)
      const members = isAbstractType(type) ? schema.getPossibleTypes(type) : []
      for (const member of members) reachable(member, seen)
      if (isObjectType(type))
        for (const { type: next } of Object.values(type.getFields())) reachable(getNamedType(next), seen)
      return seen
    }
    const fixed = fields.filter(({ type, field }) => type === schema.getQueryType() && isNonNullType(field.type))
    const types = new Set(fixed.flatMap(({ field }) => [...reachable(getNamedType(field.type))]))
    expect(reading.filter(({ type }) => types.has(type.name)).map(({ coordinate }) => coordinate)).toEqual([])
    expect(fixed.map(({ coordinate }) => coordinate)).toEqual(['Query.restartStatus', 'Query.viewer'])
  })

  test('costs 5 as a question and 2 below one; no other field has a price of its own', () => {
    const prices = fields.flatMap(({ coordinate, field }) => {
      const [cost] = applied(field.astNode, 'cost')
      return cost ? [[coordinate, cost.weight]] : []
    })
    expect(Object.fromEntries(prices)).toEqual(
      Object.fromEntries(Object.keys(READING).map(name => [name, name.startsWith('Query.') ? '5' : '2'])),
    )
  })

  test('stands below a question to the same system, so that its scopes were asked for', () => {
    for (const { coordinate, type, field } of reading.filter(({ type }) => type.name !== 'Query')) {
      const roots = queryFields.filter(root => typesBelow(getNamedType(root.field.type).name).has(type.name))
      const systems = new Set(roots.map(root => applied(root.field.astNode, 'source')[0]?.system))
      expect([coordinate, [...systems]]).toEqual([coordinate, [applied(field.astNode, 'source')[0]?.system]])
    }
  })
})

/** A type and all that can be asked of it, at any depth. */
function typesBelow(name: string): ReadonlySet<string> {
  const seen = new Set<string>()
  const open = [name]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue
    seen.add(next)
    open.push(...fields.filter(({ type }) => type.name === next).map(({ field }) => getNamedType(field.type).name))
  }
  return seen
}

describe('what is pushed to a partner', () => {
  const pushed = fields.filter(({ type }) => type.name === 'Subscription')

  test('reads no restored system, at any depth', () => {
    const below = new Set(pushed.flatMap(({ field }) => [...typesBelow(getNamedType(field.type).name)]))
    expect(below.size).toBeGreaterThan(5)
    const asking = [...pushed, ...fields.filter(({ type }) => below.has(type.name))]
    expect(asking.filter(({ field }) => applied(field.astNode, 'source').length > 0)).toEqual([])
  })

  test('needs the scope of the restart, and declares what it depends on', () =>
    expect(
      pushed.map(({ field }) => [
        field.name,
        applied(field.astNode, 'requiresScopes')[0]?.scopes,
        applied(field.astNode, 'partition')[0]?.by,
      ]),
    ).toEqual([
      ['restoredSystemChanged', [['restart:read']], ['PARTNER', 'ROLE', 'WAVE']],
      ['restartUpdatePublished', [['restart:read']], ['ROLE']],
    ]))
})

describe('what only internal readers see', () => {
  test('stands behind a scope of its own', () => {
    const behind = fields.filter(({ field }) =>
      applied(field.astNode, 'requiresScopes').some(({ scopes }) => JSON.stringify(scopes) === '[["evidence:read"]]'),
    )
    expect(behind.map(({ coordinate }) => coordinate).toSorted()).toEqual([
      'RecoveryEvidence.attestedBy',
      'RecoveryEvidence.expiresAt',
      'RecoveryEvidence.statementDigest',
      'RestartStatus.intrusion',
      'RestoredSystem.lastTransition',
      'RestoredSystem.suspension',
    ])
  })

  test('is reached in no other way', () => {
    const inner = ['Intrusion', 'Suspension', 'LifecycleTransition', 'Signatory', 'GuardResult']
    const leading = fields.filter(({ type, field }) => {
      const target = getNamedType(field.type).name
      return inner.includes(target) && !inner.includes(type.name)
    })
    expect(leading.map(({ coordinate }) => coordinate).toSorted()).toEqual([
      'RestartStatus.intrusion',
      'RestoredSystem.lastTransition',
      'RestoredSystem.suspension',
    ])
  })
})

describe('what a partner may ask', () => {
  test('is denied by default: every question but viewer requires scopes', () => {
    const open = queryFields.filter(({ field }) => {
      const [required] = applied(field.astNode, 'requiresScopes')
      const scopes = (required?.scopes ?? []) as readonly (readonly string[])[]
      return scopes.length === 0 || scopes.some(all => all.length === 0)
    })
    expect(open.map(({ field }) => field.name)).toEqual(['viewer'])
  })

  test('declares on every question what the answer depends on', () => {
    const undeclared = queryFields.filter(({ field }) => applied(field.astNode, 'partition')[0]?.by === undefined)
    expect(undeclared.map(({ coordinate }) => coordinate)).toEqual([])
  })

  test('depends on the partner when a delivery site is named, and only then', () => {
    const withArguments = fields.flatMap(({ coordinate, field }) =>
      field.args.flatMap(argument =>
        applied(argument.astNode, 'partition').map(({ by }) => [`${coordinate}(${argument.name}:)`, by]),
      ),
    )
    expect(withArguments).toEqual([['Query.partAvailability(shipToBpns:)', ['PARTNER']]])
  })

  test("always includes the gateway's own state, which is never null", () => {
    const own = queryFields.filter(({ coordinate }) => !(coordinate in READING))
    expect(own.map(({ field }) => [field.name, String(field.type)])).toEqual([
      ['restartStatus', 'RestartStatus!'],
      ['restoredSystem', 'RestoredSystem'],
      ['viewer', 'Viewer!'],
    ])
  })

  test('keeps the budget out of every cache', () => {
    const viewer = queryFields.find(({ field }) => field.name === 'viewer')
    expect(applied(viewer?.field.astNode, 'cacheControl')).toEqual([{ maxAge: 0 }])
  })
})
