import { beforeAll, expect, test } from '@jest/globals'
import { readText } from '../docs/project.ts'
import { metricFaults } from './metrics-named.ts'

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly datasource?: { readonly type: string; readonly uid: string }
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number }
  readonly targets?: readonly { readonly expr: string; readonly datasource: unknown }[]
}

interface Dashboard {
  readonly schemaVersion: number
  readonly uid: string
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] }
}

const DATA_SOURCE = { type: 'prometheus', uid: `\${datasource}` }

let dashboard: Dashboard
let text: string
beforeAll(async () => {
  text = await readText('deploy/grafana/recovery-gateway.json')
  dashboard = JSON.parse(text)
})

test('the dashboard is of a schema that Grafana imports, and asks whichever Prometheus is chosen', () => {
  expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(36)
  expect(dashboard.templating.list.map(({ name, type }) => [name, type])).toEqual([
    ['datasource', 'datasource'],
    ['instance', 'query'],
  ])
  const shown = dashboard.panels.filter(({ type }) => type !== 'row')
  for (const { datasource, targets = [] } of shown) {
    expect(targets.length).toBeGreaterThan(0)
    expect([datasource, ...targets.map(target => target.datasource)]).toEqual(
      Array.from({ length: targets.length + 1 }, () => DATA_SOURCE),
    )
  }
})

test('its rows tell the story from the restart down to the process', () =>
  expect(dashboard.panels.filter(({ type }) => type === 'row').map(({ title }) => title)).toEqual([
    'Restart',
    'Systems',
    'Traffic',
    'Caches',
    'Identity and journal',
    'Process',
  ]))

test('every query names metrics and labels that there are', () => {
  const queries = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
  expect(queries.length).toBeGreaterThan(50)
  expect(queries.flatMap(metricFaults)).toEqual([])
  expect(metricFaults(text)).toEqual([])
})

test('no panel lies over another, and none has the id of another', () => {
  const { panels } = dashboard
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  for (const [index, { title, gridPos: a }] of panels.entries()) {
    expect([title, a.x + a.w <= 24]).toEqual([title, true])
    const over = panels
      .slice(index + 1)
      .filter(({ gridPos: b }) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h)
    expect([title, over.map(panel => panel.title)]).toEqual([title, []])
  }
})
