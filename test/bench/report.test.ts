import { describe, expect, test } from '@jest/globals'
import { DOMParser } from '@xmldom/xmldom'
import { parseRequest } from '../../bench/measure/request.ts'
import { withFigures } from '../../bench/report/documentation.ts'
import { comparedFigure, numberText, type Outcome, plainFigure } from '../../bench/report/outcome.ts'
import { renderOverview } from '../../bench/report/overview.ts'
import type { Results } from '../../bench/report/results.ts'
import { ceilingOf, renderLines } from '../../bench/report/svg.ts'
import { renderTextTable } from '../../bench/report/text-table.ts'

const hits: Outcome = {
  measure: 'hits',
  figures: [
    comparedFigure({
      what: 'all hits',
      ours: 50_000,
      against: { name: 'apollo', value: 10_000 },
      unit: '/s',
      reach: { least: 3.5 },
    }),
  ],
  tables: [
    {
      title: 'All hits: ten parts, one hot set',
      columns: ['variant', 'requests/s'],
      rows: [
        ['gateway', '50,000'],
        ['a <peer> & "co"', '10,000'],
      ],
    },
  ],
  notes: ['a note'],
  raw: null,
}

describe('a figure', () => {
  test('is ours to theirs, and says whether it is reached', () => {
    expect(hits.figures[0]).toMatchObject({ ratio: '5.00 ×', reach: '≥ 3.5 ×', reached: true })
    expect(plainFigure('start', 7, 's', { most: 6 })).toMatchObject({ ours: '7 s', reach: '≤ 6 s', reached: false })
  })

  test('that could not be measured is neither reached nor missed', () => {
    const missing = { what: 'x', ours: 1, against: null, unit: 'ms', reach: { most: 1 } }
    expect(comparedFigure(missing)).toMatchObject({ ratio: '–', reached: null })
    expect(comparedFigure({ ...missing, ours: null, against: { name: 'b', value: 0 } }).reached).toBeNull()
  })

  test('has three digits that count, and thousands in full', () => {
    expect([0.012345, 1.2, 12.349, 123.4, 52_341.7, 0].map(numberText)).toEqual([
      '0.0123',
      '1.2',
      '12.3',
      '123',
      '52,342',
      '0',
    ])
  })
})

test('a table has columns as wide as their widest cell, numbers to the right', () => {
  const [table] = hits.tables
  expect(table && renderTextTable({ ...table, rows: [['gateway', '50,000']] })).toBe(
    'All hits: ten parts, one hot set\n  variant  requests/s\n  gateway      50,000\n',
  )
})

describe('charts', () => {
  const wellFormed = (svg: string) =>
    new DOMParser({ onError: level => expect(level).toBe('never') }).parseFromString(svg, 'image/svg+xml')

  test('are well-formed, whatever a variant is called', () => {
    const overview = wellFormed(renderOverview([hits]))
    expect(overview.getElementsByTagName('rect')).toHaveLength(2)
    wellFormed(renderOverview([]))
  })

  test('draw our bar five times as long as that of a fifth', () => {
    const [ours, theirs] = [...wellFormed(renderOverview([hits])).getElementsByTagName('rect')].map(bar =>
      Number(bar.getAttribute('width')),
    )
    expect(ours).toBeCloseTo((theirs ?? 0) * 5, 0)
  })

  test('keep every point and the level within the frame', () => {
    const svg = renderLines([
      {
        title: 'RSS',
        unit: 'MiB',
        points: [
          [0, 10],
          [60, 300],
        ],
        level: { label: 'bound', value: 400 },
      },
    ])
    const path = /class="line" d="([^"]+)"/.exec(svg)?.[1] ?? ''
    const ys = [...path.matchAll(/ ([\d.]+)/g)].map(([, y]) => Number(y))
    expect(ys).toHaveLength(2)
    for (const y of ys) expect(y).toBeGreaterThanOrEqual(34)
    expect(svg).toContain('bound')
  })

  test('have axes that end on a round number not below the most', () => {
    expect([0, 0.7, 1, 1_200, 2_400, 51_000].map(value => ceilingOf([value]))).toEqual([1, 1, 1, 2_000, 2_500, 100_000])
  })
})

describe('the documentation', () => {
  const results: Results = {
    environment: {
      commit: 'abc',
      date: '2026-01-02T03:04:05.000Z',
      node: '24.0.0',
      machine: { cpu: 'CPU', cores: 2, memoryGib: 8, system: 'linux' },
      command: 'npm run bench',
    },
    isWhole: true,
    scale: 1,
    rounds: 3,
    seconds: 600,
    outcomes: [hits],
  }
  const markers = ['<!-- figures: begin -->', '<!-- figures: end -->'] as const

  test('is changed between its markers only, and not by the same figures twice', () => {
    const text = `before\n${markers[0]}\nold\n${markers[1]}\nafter\n`
    const written = withFigures(text, results)
    expect(written).toMatch(
      /^before\n[\s\S]*\| all hits \| 50,000 \/s \| apollo 10,000 \/s \| 5\.00 × \|[\s\S]*\nafter\n$/,
    )
    expect(written).not.toContain('old')
    expect(withFigures(written, results)).toBe(written)
  })

  test('without its markers is left alone', () => {
    expect(() => withFigures(`${markers[1]} ${markers[0]}`, results)).toThrow('must hold')
  })
})

describe('the command line', () => {
  test('runs everything in order where nothing is named, and each name once', () => {
    expect(parseRequest([])).toMatchObject({ isQuick: false, scale: 1, rounds: 2 })
    expect(parseRequest(['reads', 'hits', 'reads', '--quick'])).toEqual({
      names: ['hits', 'reads'],
      isQuick: true,
      scale: 0.01,
      rounds: 1,
    })
    expect(parseRequest(['nothing', '--help'])).toBe('help')
  })

  test.each([
    [['nosuch'], 'nosuch'],
    [['--scale', '3'], '--scale 3'],
    [['--rounds', 'x'], '--rounds x'],
  ])('refuses %j in one line', (args, named) => {
    expect(() => parseRequest(args)).toThrow(named)
  })
})
