import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { ERRORS } from '../../src/model/errors.ts'
import { projectPaths, readText, tableIn } from '../docs/project.ts'
import { metricFaults, metricsIn } from './metrics-named.ts'

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string; readonly runbook_url: string }
}

const RULES = 'deploy/prometheus/alerts.yaml'
const TESTS = 'deploy/prometheus/alerts-test.yaml'
const PROMTOOL = '/usr/bin/promtool'

const pageOf = (alert: string) =>
  `docs/runbooks/alerts/${alert.replace(/\B[A-Z]/g, capital => `-${capital}`).toLowerCase()}.md`
const codePageOf = (code: string) => `docs/runbooks/errors/${code.toLowerCase().replaceAll('_', '-')}.md`

let rules: readonly Rule[]
let pages: readonly string[]
beforeAll(async () => {
  const { groups } = parse(await readText(RULES)) as { readonly groups: readonly { readonly rules: readonly Rule[] }[] }
  rules = groups.flatMap(group => group.rules)
  pages = (await projectPaths()).filter(path => /^docs\/runbooks\/\w+\/.*\.md$/.test(path))
})

describe('the alert rules', () => {
  test('name metrics and labels that there are, in queries and in tests', async () => {
    for (const text of [await readText(RULES), await readText(TESTS)]) {
      expect(metricsIn(text)).toBeGreaterThan(25)
      expect(metricFaults(text)).toEqual([])
    }
  })

  test('say how urgent each is, and lead to its page', () => {
    expect(rules.length).toBeGreaterThan(20)
    for (const { alert, labels, annotations } of rules) {
      expect(['page', 'ticket']).toContain(labels.severity)
      expect([alert, annotations.runbook_url]).toEqual([alert, pageOf(alert)])
      expect(pages).toContain(annotations.runbook_url)
    }
  })

  test('are each of them tested', async () => {
    const tested = await readText(TESTS)
    expect(rules.filter(({ alert }) => !tested.includes(alert)).map(({ alert }) => alert)).toEqual([])
  })

  const promtool = existsSync(PROMTOOL) ? test : test.skip
  promtool('are what Prometheus takes, and fire when they should (apt-get install prometheus)', () => {
    const run = (...args: readonly string[]) =>
      execFileSync(PROMTOOL, args, { cwd: fileURLToPath(new URL('../../', import.meta.url)), encoding: 'utf8' })
    expect(run('check', 'rules', RULES)).toContain(`${rules.length} rules found`)
    expect(run('test', 'rules', TESTS)).toContain('SUCCESS')
  })

  promtool('are read with the scraping that docs/metrics.md shows, of the job that they ask for', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-prometheus-'))
    try {
      await writeFile(join(directory, 'alerts.yaml'), await readText(RULES))
      const shown = [...(await readText('docs/metrics.md')).matchAll(/^```yaml\n([\s\S]*?)^```$/gm)]
      expect(shown).toHaveLength(2)
      for (const [, text = ''] of shown) {
        const file = join(directory, 'prometheus.yaml')
        // Debian's Prometheus is built without the discovery of Kubernetes.
        await writeFile(file, text.replace(/^ {4}kubernetes_sd_configs:\n( {6}.*\n)+/m, ''))
        expect(execFileSync(PROMTOOL, ['check', 'config', file], { encoding: 'utf8' })).toContain('SUCCESS')
        const [job] = parse(text).scrape_configs
        expect(rules.find(({ alert }) => alert === 'InstanceDown')?.expr).toContain(`job="${job.job_name}"`)
      }
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  })
})

describe('the runbooks', () => {
  test('have a page for every alert and every error code, and no other', () => {
    const expected = [...rules.map(({ alert }) => pageOf(alert)), ...Object.keys(ERRORS).map(codePageOf)]
    expect(pages.toSorted()).toEqual(expected.toSorted())
  })

  test('are listed whole, each alert with its urgency', async () => {
    const index = await readText('docs/runbooks/README.md')
    const alerts = tableIn(index, 'alert', 'severity', 'when')
    expect(alerts.map(([link, severity]) => [link, severity])).toEqual(
      rules.map(({ alert, labels }) => [`[${alert}](${pageOf(alert).replace('docs/runbooks/', '')})`, labels.severity]),
    )
    expect(tableIn(index, 'code', 'page').map(([code]) => code)).toEqual(Object.keys(ERRORS))
  })

  test('say what to look at and what to do, with metrics that there are', async () => {
    for (const page of pages) {
      const text = await readText(page)
      expect([page, text.match(/^#+ .*$/gm)?.slice(1)]).toEqual([page, ['## Look', '## Do']])
      expect([page, metricFaults(text)]).toEqual([page, []])
    }
  })
})
