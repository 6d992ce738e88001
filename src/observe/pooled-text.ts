/**
 * The metrics of several processes as one exposition, in the Prometheus text format 0.0.4, where all samples of a metric
 * must stand together. Called by whoever speaks for all of them; reads only what our own counters and gauges write.
 */

/** By process: its exposition. Each sample gets the label `label` with the name of its process. */
export function poolExpositions(label: string, expositions: ReadonlyMap<string, string>): string {
  /** By the line that gives a metric's type. */
  const metrics = new Map<string, string[]>()
  for (const [process, exposition] of expositions) {
    let samples: string[] = []
    for (const line of exposition.split('\n')) {
      if (line.startsWith('# TYPE ')) {
        samples = metrics.get(line) ?? []
        metrics.set(line, samples)
      } else if (line !== '') samples.push(labelled(line, `${label}="${process}"`))
    }
  }
  return [...metrics].map(([type, samples]) => [type, ...samples].map(line => `${line}\n`).join('')).join('')
}

/** `name 1` and `name{a="b"} 1`. A label's value may hold a space or a brace; a name holds neither. */
function labelled(line: string, pair: string): string {
  const end = line.search(/[{ ]/)
  const [name, rest] = [line.slice(0, end), line.slice(end)]
  return rest.startsWith('{') ? `${name}{${pair},${rest.slice(1)}` : `${name}{${pair}}${rest}`
}
