import { access } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { parse, validate } from 'graphql'
import { createDataset, EMBEDDED_DATASET } from '../../demo/generator/dataset.ts'
import { readSamplePartners } from '../../demo/sample-partners.ts'
import { welcome } from '../../src/commands/welcome.ts'
import { EMBEDDED_CONFIG_FILE } from '../../src/config/embedded.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { loadSchema } from '../../src/graphql/schema.ts'
import { LIFECYCLES, type SystemKey, type SystemLifecycle, systemOfSlug } from '../../src/model/system.ts'
import type { RecoveryState } from '../../src/recovery/state.ts'
import { part, partAvailability, partSupersession } from '../../src/systems/relations/parts-logistics.ts'
import { materialDemand, vehicleBuild } from '../../src/systems/relations/production-schedule.ts'
import { storyState } from '../support/story-state.ts'

const config = await loadConfig(EMBEDDED_CONFIG_FILE, {})
const state = await storyState()
const dataset = createDataset(EMBEDDED_DATASET)
const partners = await readSamplePartners()
const retailer = partners.find(({ clients }) => clients.includes('sample-retailer'))
const urls = { partners: 'http://127.0.0.1:65535', admin: 'http://127.0.0.1:65534' }
const terminal = welcome({ ...urls, config, state })

const inLifecycle = (lifecycle: SystemLifecycle, key: SystemKey = 'PARTS_LOGISTICS'): RecoveryState => ({
  ...state,
  systems: { ...state.systems, [key]: { ...state.systems[key], lifecycle, waves: [1, 2, 3] } },
})

describe('the terminal', () => {
  test.each(LIFECYCLES)('has at most 100 columns, whatever the state: %s', lifecycle => {
    const lines = welcome({ ...urls, config, state: inLifecycle(lifecycle) }).split('\n')
    expect(lines.filter(line => line.length > 100)).toEqual([])
  })

  test('says who is answered exactly as the lifecycle has it', () => {
    const answered = LIFECYCLES.map(lifecycle => {
      const shown = welcome({ ...urls, config, state: inLifecycle(lifecycle) })
      return [lifecycle, /Parts logistics +\w+ +answers (all|wave 1, 2, 3|nobody)/.exec(shown)?.[1]]
    })
    expect(Object.fromEntries(answered)).toEqual({
      ...Object.fromEntries(LIFECYCLES.map(lifecycle => [lifecycle, 'nobody'])),
      LIMITED_OPEN: 'wave 1, 2, 3',
      OPEN: 'all',
      NORMAL_OPERATION: 'all',
    })
  })

  test('holds nothing that a shell would take for something else when it is pasted', () => {
    const commands = terminal.match(/^ {2}curl [\s\S]*?}'$/gm) ?? []
    expect(commands).toHaveLength(4)
    for (const command of commands) {
      expect(command).not.toMatch(/[\t!`#]/)
      // One substitution, of the token; everything else that is quoted is quoted singly.
      expect(command.match(/\$/g)).toHaveLength(1)
      expect(command.match(/'/g)).toHaveLength(4)
      // A line that goes on ends in the backslash, with no blank behind it.
      expect(command.match(/\\$/gm)).toHaveLength(2)
    }
  })
})

describe('the operators’ commands that it shows', () => {
  const commandsIn = (text: string) =>
    [...text.matchAll(/^ {2}npm run -s gateway -- (.*)$/gm)].map(match => match[1] ?? '')
  const usual = welcome({ ...urls, admin: 'http://127.0.0.1:4001', config, state })
  const shown = commandsIn(usual)

  test('say where the admin listener is, where that is not the usual place', () => {
    expect(usual).not.toContain('--admin')
    expect(shown.some(command => command.endsWith('\\'))).toBe(false)
    expect(terminal.match(/ \\\n {4}--admin http:\/\/127\.0\.0\.1:65534\n/g)).toHaveLength(4)
  })

  test('are commands of the command line, with files that are there', async () => {
    expect(shown.map(command => command.split(' ').slice(0, 2).join(' '))).toEqual([
      'status',
      'journal list',
      'system check',
      'system open',
    ])
    for (const [, file = ''] of shown.join('\n').matchAll(/--facts (\S+)/g)) await access(file)
    for (const [, slug = ''] of shown.join('\n').matchAll(/system \w+ (\S+)/g))
      expect(systemOfSlug(slug)).not.toBeNull()
  })

  test.each(LIFECYCLES.filter(lifecycle => lifecycle !== 'VERIFIED'))(
    'lead no further where the production schedule is %s',
    lifecycle => {
      const text = welcome({ ...urls, config, state: inLifecycle(lifecycle, 'PRODUCTION_SCHEDULE') })
      expect(text).toContain('gateway -- status')
      expect(text).not.toContain('system open')
    },
  )
})

describe('the queries that it shows', () => {
  const queries = [...terminal.matchAll(/'query=([^']*)'/g)].map(match => match[1] ?? '')

  test('are valid against the schema', async () => {
    const schema = await loadSchema(fileURLToPath(new URL('../../schema/', import.meta.url)))
    expect(queries).toHaveLength(4)
    for (const query of queries) expect(validate(schema, parse(query))).toEqual([])
  })

  test('name parts of the generated data: one current and in stock where the retailer is served, two superseded', () => {
    const named = queries[0]?.match(/LR\d{6}/g) ?? []
    const parts = new Map([...dataset.rows(part)].map(row => [row.partNumber, row]))
    const superseded = new Set([...dataset.rows(partSupersession)].map(row => row.partNumber))
    expect(named.map(number => [parts.get(number)?.active, superseded.has(number)])).toEqual([
      [true, false],
      [false, true],
      [false, true],
    ])
    const lines = [...dataset.rows(partAvailability)].filter(
      row => row.partNumber === named[0] && retailer?.sites.includes(row.siteBpns),
    )
    expect(lines.some(line => Number(line.quantityAvailableToPromise) > 0)).toBe(true)
  })

  test("name a build of the sample retailer's own", () => {
    const [vin] = /SAL\w{14}/.exec(queries[0] ?? '') ?? []
    const build = [...dataset.rows(vehicleBuild)].find(row => row.vin === vin)
    expect(Object.values(build ?? {})).toContain(retailer?.bpnl)
  })

  test('ask for a demand that the sample supplier has', () => {
    const supplier = partners.find(({ clients }) => clients.includes('sample-supplier'))
    expect(queries.at(-1)).toContain('materialDemands')
    expect([...dataset.rows(materialDemand)].some(row => row.supplierBpnl === supplier?.bpnl)).toBe(true)
  })
})
