import { comparedFigure, type Figure, type Outcome } from '../report/outcome.ts'
import { createMorning } from '../work/morning.ts'
import { everOther, type NextQuestion } from '../work/questions.ts'
import { answeringAll, type Bench, LIMITS } from './bench.ts'
import type { ClosedLoop } from './closed-loop.ts'
import { prepareMany, writeRequests } from './prepared-requests.ts'
import { failureNotes, figureFor, type Rounds } from './rounds.ts'
import { cpuPerRequest, perSecond, type ThroughputOptions, throughput, throughputTable } from './throughput.ts'

/** All misses: caches off, PostgreSQL behind. Ever other part numbers first, then the mix of the morning. */

/** As many different ones; a run may go round them, since nobody keeps anything. */
const REQUESTS = 10_000
const PARTS = 10
/** The figure is of the parts; the mix shows that they are not an exception. */
const MIX_ROUNDS = 1

type Much = Pick<ThroughputOptions, 'rounds' | 'warmSeconds'>

export async function measureMisses(bench: Bench): Promise<Outcome> {
  const { site, directory, variants, pace } = bench
  const run = async (label: string, names: typeof variants, next: NextQuestion, much: Much) => {
    const requests = await prepareMany(site, REQUESTS, next)
    const requestsFile = await writeRequests(directory, label.replaceAll(' ', '-'), requests)
    return throughput(bench, { label, names, cached: false, requestsFile, ...much })
  }
  const unlimited = variants.filter(name => !LIMITS.includes(name))
  const parts = await run('misses of parts', unlimited, everOther(site, PARTS, 1), {
    rounds: bench.rounds,
    warmSeconds: pace.missesWarmSeconds,
  })
  const mix = await run('misses of the mix', answeringAll(variants), createMorning(site, 1), {
    rounds: MIX_ROUNDS,
    warmSeconds: pace.mixWarmSeconds,
  })
  return {
    measure: 'misses',
    figures: [...figuresOf('all misses, ten parts', parts), ...figuresOf('all misses, the mix', mix)],
    tables: [
      throughputTable('All misses: ten parts, ever others', parts.measured),
      throughputTable('All misses: the mix of the morning', mix.measured),
    ],
    notes: [
      'PostgreSQL shares its core with the load generator: where it is the bottleneck, processor time says more than requests/s.',
      ...failureNotes(parts, 'misses of parts'),
      ...failureNotes(mix, 'misses of the mix'),
    ],
    raw: { parts, mix },
  }
}

function figuresOf(what: string, { measured }: Rounds<ClosedLoop>): readonly Figure[] {
  const to = (name: 'apollo' | 'mercurius', title: string, least: number) => [
    comparedFigure({
      what: `${what}, to ${title}`,
      ours: figureFor(measured, 'gateway', perSecond)?.value ?? null,
      against: figureFor(measured, name, perSecond),
      unit: '/s',
      reach: { least },
    }),
    comparedFigure({
      what: `${what}, processor time to ${title}`,
      ours: figureFor(measured, 'gateway', cpuPerRequest)?.value ?? null,
      against: figureFor(measured, name, cpuPerRequest),
      unit: 'µs',
      reach: { most: 1 / least },
    }),
  ]
  return [...to('apollo', 'Apollo Server', 2), ...to('mercurius', 'Mercurius with JIT', 1)]
}
