import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { parse, validate } from 'graphql'
import { createDataset, EMBEDDED_DATASET } from '../../demo/generator/dataset.ts'
import { welcome } from '../../src/commands/welcome.ts'
import { EMBEDDED_CONFIG_FILE } from '../../src/config/embedded.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { readYaml } from '../../src/config/yaml-file.ts'
import { loadSchema } from '../../src/graphql/schema.ts'
import { parsePartners } from '../../src/identity/partner-entry.ts'
import { LIFECYCLES, type SystemLifecycle } from '../../src/model/system.ts'
import { parseDeclaredState } from '../../src/recovery/parse-declared.ts'
import type { RecoveryState } from '../../src/recovery/state.ts'
import { part, partAvailability, partSupersession } from '../../src/systems/relations/parts-logistics.ts'
import { vehicleBuild } from '../../src/systems/relations/production-schedule.ts'

const config = await loadConfig(EMBEDDED_CONFIG_FILE, {})
const state = parseDeclaredState(await readYaml(config.restart), config.restart)
const dataset = createDataset(EMBEDDED_DATASET)
const partners = parsePartners(await readYaml(config.identity.partners), config.identity.partners)
const retailer = partners.find(({ clients }) => clients.includes('sample-retailer'))
const urls = { partners: 'http://127.0.0.1:65535', admin: 'http://127.0.0.1:65534' }
const terminal = welcome({ ...urls, config, state })

const inLifecycle = (lifecycle: SystemLifecycle): RecoveryState => ({
  ...state,
  systems: { ...state.systems, PARTS_LOGISTICS: { ...state.systems.PARTS_LOGISTICS, lifecycle, waves: [1, 2, 3] } },
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
    expect(commands).toHaveLength(3)
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

describe('the queries that it shows', () => {
  const queries = [...terminal.matchAll(/'query=([^']*)'/g)].map(match => match[1] ?? '')

  test('are valid against the schema', async () => {
    const schema = await loadSchema(fileURLToPath(new URL('../../schema/', import.meta.url)))
    expect(queries).toHaveLength(3)
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
})
