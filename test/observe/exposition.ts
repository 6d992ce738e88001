/** Reads the Prometheus text format 0.0.4 as strictly as a scraper may, and throws at the first line that is not of it. */

export interface Family {
  readonly type: string
  readonly help: string | null
  readonly samples: readonly Sample[]
}

export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\+Inf|-Inf|NaN|-?[0-9.]+(?:e[+-]?[0-9]+)?)$`)
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/
const SUFFIXES: Readonly<Record<string, readonly string[]>> = { histogram: ['_bucket', '_sum', '_count'] }

export function parseExposition(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const families = new Map<string, { type: string; help: string | null; samples: Sample[] }>()
  const seen = new Set<string>()
  let help: { readonly name: string; readonly text: string } | null = null
  let family = ''
  for (const line of text.slice(0, -1).split('\n')) {
    const [, helped = '', words = ''] = /^# HELP (\S+) (.+)$/.exec(line) ?? []
    if (helped !== '') {
      help = { name: helped, text: words }
      continue
    }
    const [, name = '', type = ''] = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line) ?? []
    if (name !== '') {
      if (families.has(name)) throw new Error(`${name} stands in two places`)
      if (help !== null && help.name !== name) throw new Error(`the help of ${help.name} stands before ${name}`)
      families.set(name, { type, help: help?.text ?? null, samples: [] })
      help = null
      family = name
      continue
    }
    const [, sampleName = '', labelled = '', value = ''] = SAMPLE.exec(line) ?? []
    const current = families.get(family)
    const names = (SUFFIXES[current?.type ?? ''] ?? ['']).map(suffix => `${family}${suffix}`)
    if (current === undefined || !names.includes(sampleName)) throw new Error(`out of place: ${line}`)
    if (current.type === 'counter' && !family.endsWith('_total')) throw new Error(`${family} is no name of a counter`)
    const labels = labelsIn(labelled, line)
    const series = `${sampleName} ${JSON.stringify(Object.entries(labels).toSorted())}`
    if (seen.has(series)) throw new Error(`twice: ${line}`)
    seen.add(series)
    current.samples.push({ name: sampleName, labels, value: Number(value.replace('Inf', 'Infinity')) })
  }
  return families
}

function labelsIn(text: string, line: string): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {}
  let rest = text
  while (rest !== '') {
    const [whole, name = '', value = ''] = LABEL.exec(rest) ?? []
    if (whole === undefined || Object.hasOwn(labels, name)) throw new Error(`labels: ${line}`)
    labels[name] = value
    rest = rest.slice(whole.length)
  }
  return labels
}
