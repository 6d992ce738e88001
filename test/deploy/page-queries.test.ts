import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { readPages } from '../docs/pages.ts'
import { metricFaults } from './metrics-named.ts'

/** The queries that pages show, one on each line. */

const PROMTOOL = '/usr/bin/promtool'

const blocks = (await readPages()).flatMap(page => page.blocks.filter(({ language }) => language === 'promql'))
const queries = blocks.flatMap(({ text }) => text.trim().split('\n'))

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-queries-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

describe('the queries of the pages', () => {
  test('name metrics and labels that there are', () => {
    expect(queries.length).toBeGreaterThan(60)
    expect(queries.flatMap(metricFaults)).toEqual([])
  })

  const promtool = existsSync(PROMTOOL) ? test : test.skip
  promtool('are what Prometheus takes (apt-get install prometheus)', async () => {
    const rules = queries.map((expr, index) => ({ record: `query_${index}`, expr }))
    const file = join(directory, 'queries.yaml')
    await writeFile(file, stringify({ groups: [{ name: 'pages', rules }] }))
    expect(execFileSync(PROMTOOL, ['check', 'rules', file], { encoding: 'utf8' })).toContain(
      `${rules.length} rules found`,
    )
  })
})
