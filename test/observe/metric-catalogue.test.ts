import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { METRICS } from '../../src/observe/metric-catalogue.ts'
import { metricName } from '../../src/observe/prometheus-text.ts'
import { readText, tableIn } from '../docs/project.ts'

/** One registry of the metrics, and nothing beside it: neither in the code nor on the page. */

const source = fileURLToPath(new URL('../../src/', import.meta.url))
const CATALOGUE = join('observe', 'metric-catalogue.ts')

test('the code has every metric of the catalogue, and no other', async () => {
  const files = (await readdir(source, { recursive: true })).filter(file => file.endsWith('.ts') && file !== CATALOGUE)
  const code = (await Promise.all(files.map(file => readFile(join(source, file), 'utf8')))).join('\n')
  const written = [
    ...code.matchAll(/\.(?:count|counter|timer)\(\s*'([a-z0-9_]+)'/g),
    ...code.matchAll(/\bname: '([a-z0-9_]+)',\s*(?:type: '\w+',\s*)?read\b/g),
    ...code.matchAll(/\bone\('([a-z0-9_]+)',/g),
  ].map(([, name]) => name)
  expect([...new Set(written)].toSorted()).toEqual(METRICS.map(({ name }) => name).toSorted())
})

test('each says what it is in one line', () => {
  for (const { name, help } of METRICS) {
    expect([name, help]).toEqual([name, expect.stringMatching(/^[A-Z0-9][^\n\\]{10,160}[^.\n\\]$/)])
  }
  expect(new Set(METRICS.map(({ name }) => name)).size).toBe(METRICS.length)
})

test('docs/metrics.md has every metric with its labels and its meaning, and no other', async () => {
  const page = await readText('docs/metrics.md')
  for (const type of ['histogram', 'counter', 'gauge'] as const) {
    const rows = tableIn(page, type, 'labels', 'says')
    expect(rows).toEqual(
      METRICS.filter(metric => metric.type === type).map(({ name, labels, help }) => [
        metricName(name, type),
        labels
          .map(label => `\`${label}\``)
          .join(', ')
          .replace(/^`([^`]*)`$/, '$1'),
        help,
      ]),
    )
  }
})
