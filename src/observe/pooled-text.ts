/**
 * The metrics of several processes as one exposition, in the Prometheus text format 0.0.4, where all samples of a metric
 * must stand together. Called by whoever speaks for all of them; reads only what our own counters and gauges write.
 *
 * Each process keeps series of its own, which a query adds up: of a sum that is made here, a process that begins anew
 * would take its count away, and every rate would take that for a count from nothing.
 */

interface Metric {
  /** The line that says what it is; empty: there is none. */
  readonly help: string
  readonly samples: string[]
}

/** By process: its exposition. Each sample gets the label `label` with the name of its process. */
export function poolExpositions(label: string, expositions: ReadonlyMap<string, string>): string {
  /** By the line that gives a metric's type. */
  const metrics = new Map<string, Metric>()
  for (const [process, exposition] of expositions) {
    let help = ''
    let samples: string[] = []
    for (const line of exposition.split('\n')) {
      if (line.startsWith('# HELP ')) help = line
      else if (line.startsWith('# TYPE ')) {
        const metric = metrics.get(line) ?? { help, samples: [] }
        metrics.set(line, metric)
        samples = metric.samples
        help = ''
      } else if (line !== '') samples.push(labelled(line, `${label}="${process}"`))
    }
  }
  return [...metrics]
    .flatMap(([type, { help, samples }]) => (help === '' ? [type, ...samples] : [help, type, ...samples]))
    .map(line => `${line}\n`)
    .join('')
}

/** `name 1` and `name{a="b"} 1`. A label's value may hold a space or a brace; a name holds neither. */
function labelled(line: string, pair: string): string {
  const end = line.search(/[{ ]/)
  const [name, rest] = [line.slice(0, end), line.slice(end)]
  return rest.startsWith('{') ? `${name}{${pair},${rest.slice(1)}` : `${name}{${pair}}${rest}`
}
