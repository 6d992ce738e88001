import { expect, test } from '@jest/globals'
import { assignRelations, type ConnectorConfig } from '../../src/connectors/assignment.ts'
import { RELATIONS } from '../../src/systems/relations/all.ts'

const all = RELATIONS.PRODUCTION_SCHEDULE
const database = (schema: string | undefined, ...names: string[]): ConnectorConfig => ({
  kind: 'postgres',
  connectionString: 'postgres://reader@localhost/schedule',
  poolSize: 1,
  connectTimeoutMs: 500,
  ...(schema === undefined ? {} : { schema }),
  relations: Object.fromEntries(names.map(name => [name, { select: 'SELECT 1' }])),
})
const files: ConnectorConfig = { kind: 'extracts', directory: '/drops', refreshSeconds: 30 }

const assigned = (...connectors: ConnectorConfig[]) => {
  const { relations, problems } = assignRelations('PRODUCTION_SCHEDULE', connectors, all)
  return problems.length > 0
    ? problems.map(({ path, text }) => `${path.slice(2).join('.')}: ${text}`)
    : relations.map(own => own.map(({ name }) => name))
}

test('one connector reads every relation, those that it names in their own way', () => {
  const everything = [all.map(({ name }) => name)]
  expect(assigned(files)).toEqual(everything)
  expect(assigned(database('schedule'))).toEqual(everything)
  expect(assigned(database('schedule', 'vehicle_build'))).toEqual(everything)
  expect(assigned(database(undefined, ...all.map(({ name }) => name)))).toEqual(everything)
})

test('of several, each reads what it names, and the first that can takes the rest', () => {
  expect(assigned(database(undefined, 'vehicle_build'), files)).toEqual([
    ['vehicle_build'],
    ['production_line', 'production_schedule', 'material_demand'],
  ])
})

test('a relation that nobody maps, that two map, or that there is not, is a problem at its place', () => {
  expect(assigned(database(undefined, 'vehicle_build', 'production_line', 'material_demand'))).toEqual([
    'connector.relations.production_schedule: is missing; no connector says where the rows of this relation are',
  ])
  expect(assigned(database('a', 'vehicle_build'), database('b', 'vehicle_build'))).toEqual([
    'connectors.1.relations.vehicle_build: is mapped by connectors[0] already; one connector reads it',
  ])
  expect(assigned(database('a', 'vehicle_builds'))).toEqual([
    'connector.relations.vehicle_builds: is no relation of PRODUCTION_SCHEDULE; it has production_line, production_schedule, material_demand, vehicle_build',
  ])
  expect(assigned(files, database('a'))).toEqual(['connectors.1: reads no relation; leave it out'])
})
