/**
 * Hand-written SVG: bars side by side, and lines over time. Colours follow the reader's scheme, light or dark, and no
 * meaning hangs on colour alone. Called by the report; draws what it is given and computes no figure.
 */
export interface BarPanel {
  readonly title: string
  /** Of the axis, such as `requests/s`. */
  readonly unit: string
  readonly bars: readonly Bar[]
}

export interface Bar {
  readonly label: string
  readonly value: number
  readonly kind: 'ours' | 'peer' | 'limit'
}

export interface LinePanel {
  readonly title: string
  readonly unit: string
  /** Seconds and values. */
  readonly points: Points
  /** What the line is, where there are others. */
  readonly label?: string
  /** Lines beside it, as a legend names them. */
  readonly others?: readonly OtherLine[]
  /** A level that is drawn across and named. */
  readonly level?: { readonly label: string; readonly value: number }
  /** What went on for a while, shaded and named. */
  readonly phases?: readonly { readonly label: string; readonly fromSecond: number; readonly toSecond: number }[]
}

export interface OtherLine {
  readonly label: string
  readonly points: Points
  /** A second thing that was measured, or what the first is held to. */
  readonly kind: 'second' | 'limit'
}

type Points = readonly (readonly [seconds: number, value: number])[]

const WIDTH = 760
const LEFT = 130
const RIGHT = 90
const BAR = 18
const ROW = 26
const HEAD = 34
const FOOT = 30
const LINE_HEIGHT = 130
const LEGEND = 22
const SAMPLE = 24
const TICKS = 4

const STYLE = `<style>
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600; font-size: 14px }
  .axis { stroke: #8c959f; stroke-width: 1; fill: none }
  .ours { fill: #0969da } .peer { fill: #8c959f } .limit { fill: none; stroke: #8c959f; stroke-dasharray: 3 2 }
  .line { stroke: #0969da; stroke-width: 1.5; fill: none }
  .level, .limit-line { stroke: #bc4c00; stroke-dasharray: 5 3; fill: none }
  .limit-line { stroke-width: 1.5 } .second { stroke: #1a7f37; stroke-width: 1.5; stroke-dasharray: 2 2; fill: none }
  .grid { stroke: #8c959f; stroke-width: .5; opacity: .4 } .phase { fill: #8c959f; opacity: .18 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .ours { fill: #58a6ff } .line { stroke: #58a6ff } .second { stroke: #56d364 }
    .level, .limit-line { stroke: #f0883e }
  }
</style>`

export function renderBars(panels: readonly BarPanel[]): string {
  let top = 0
  const drawn = panels.map(panel => {
    const [from, most] = [top, ceilingOf(panel.bars.map(({ value }) => value))]
    top += HEAD + panel.bars.length * ROW + FOOT
    return `<g transform="translate(0 ${from})">${barPanel(panel, most)}</g>`
  })
  return svg(top, panels.map(({ title }) => title).join('; '), drawn)
}

export function renderLines(panels: readonly LinePanel[]): string {
  let top = 0
  const drawn = panels.map(panel => {
    const from = top
    top += HEAD + legendHeight(panel) + LINE_HEIGHT + FOOT + 10
    return `<g transform="translate(0 ${from})">${linePanel(panel)}</g>`
  })
  return svg(top, panels.map(({ title }) => title).join('; '), drawn)
}

function svg(height: number, title: string, parts: readonly string[]): string {
  const open = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">`
  return [open, `<title>${escaped(title)}</title>`, STYLE, ...parts, '</svg>\n'].join('\n')
}

function barPanel({ title, unit, bars }: BarPanel, most: number): string {
  const scale = (WIDTH - LEFT - RIGHT) / most
  const rows = bars.map(({ label, value, kind }, index) => {
    const y = HEAD + index * ROW
    return [
      text(LEFT - 8, y + 13, label, 'end'),
      `<rect class="${kind}" x="${LEFT}" y="${y}" width="${rounded(value * scale)}" height="${BAR}"/>`,
      text(LEFT + value * scale + 6, y + 13, short(value)),
    ].join('')
  })
  const base = HEAD + bars.length * ROW
  const axis = `<path class="axis" d="M${LEFT} ${HEAD - 4}V${base}H${WIDTH - RIGHT}"/>`
  const ends = text(LEFT, base + 16, '0', 'middle') + text(WIDTH - RIGHT, base + 16, `${short(most)} ${unit}`, 'middle')
  return heading(title) + rows.join('') + axis + ends
}

function linePanel(panel: LinePanel): string {
  const { title, unit, points, others = [], level, phases = [] } = panel
  const lines = [points, ...others.map(other => other.points)].flat()
  const seconds = Math.max(1, ...lines.map(([at]) => at))
  const most = ceilingOf([...lines.map(([, value]) => value), level?.value ?? 0])
  const head = HEAD + legendHeight(panel)
  const base = head + LINE_HEIGHT
  const x = (at: number) => rounded(LEFT + (at / seconds) * (WIDTH - LEFT - RIGHT))
  const y = (value: number) => rounded(base - (value / most) * LINE_HEIGHT)
  const path = (of: Points) => of.map(([at, value], index) => `${index === 0 ? 'M' : 'L'}${x(at)} ${y(value)}`).join('')
  const ticks = Array.from({ length: TICKS + 1 }, (_, index) => index / TICKS)
  return [
    heading(title),
    legend(panel),
    ...phases.map(({ label, fromSecond, toSecond }) => {
      const width = rounded(x(toSecond) - x(fromSecond))
      const shade = `<rect class="phase" x="${x(fromSecond)}" y="${head}" width="${width}" height="${LINE_HEIGHT}"/>`
      return shade + text(x(fromSecond) + 4, head + 12, label)
    }),
    ...ticks.map(part => `<path class="grid" d="M${LEFT} ${y(most * part)}H${WIDTH - RIGHT}"/>`),
    `<path class="axis" d="M${LEFT} ${head}V${base}H${WIDTH - RIGHT}"/>`,
    ...ticks.map(part =>
      text(LEFT - 8, y(most * part) + 4, part === 1 ? `${short(most)} ${unit}` : short(most * part), 'end'),
    ),
    ...roundSteps(seconds).map(at => text(x(at), base + 16, short(at), 'middle')),
    text(WIDTH - RIGHT + 6, base + 16, 's'),
    `<path class="line" d="${path(points)}"/>`,
    ...others.map(other => `<path class="${CLASSES[other.kind]}" d="${path(other.points)}"/>`),
    level === undefined
      ? ''
      : `<path class="level" d="M${LEFT} ${y(level.value)}H${WIDTH - RIGHT}"/>${text(WIDTH - RIGHT + 6, y(level.value) + 4, level.label)}`,
  ].join('')
}

/** From 0, a few, none above the most. */
function roundSteps(most: number): readonly number[] {
  const step = ceilingOf([most / (TICKS + 1)])
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step)
}

const CLASSES = { second: 'second', limit: 'limit-line' } as const

const legendHeight = ({ label }: LinePanel): number => (label === undefined ? 0 : LEGEND)

/** A piece of each line, and what it is. */
function legend({ label, others = [] }: LinePanel): string {
  if (label === undefined) return ''
  const entries = [{ label, style: 'line' }, ...others.map(({ label, kind }) => ({ label, style: CLASSES[kind] }))]
  const width = (WIDTH - LEFT) / entries.length
  return entries
    .map(({ label, style }, index) => {
      const from = LEFT + index * width
      return `<path class="${style}" d="M${rounded(from)} 36h${SAMPLE}"/>${text(from + SAMPLE + 6, 40, label)}`
    })
    .join('')
}

const heading = (title: string): string => `<text class="title" x="${LEFT}" y="20">${escaped(title)}</text>`

function text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end' = 'start'): string {
  return `<text x="${rounded(x)}" y="${rounded(y)}" text-anchor="${anchor}">${escaped(content)}</text>`
}

/** The next of 1, 2, 2.5 and 5 times a power of ten. */
export function ceilingOf(values: readonly number[]): number {
  const most = Math.max(0, ...values)
  if (most === 0) return 1
  const power = 10 ** Math.floor(Math.log10(most))
  return (([1, 2, 2.5, 5, 10] as const).find(step => step * power >= most) ?? 10) * power
}

/** Steps of tens make 0.1 + 0.2 where floats add up; a tenth of a pixel is enough. */
const rounded = (value: number): number => Math.round(value * 10) / 10

function short(value: number): string {
  if (value >= 1_000_000) return `${Number((value / 1_000_000).toPrecision(3))}M`
  if (value >= 10_000) return `${Number((value / 1_000).toPrecision(3))}k`
  return String(Number(value.toPrecision(3)))
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
