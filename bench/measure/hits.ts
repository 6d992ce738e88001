import { comparedFigure, type Outcome } from '../report/outcome.ts'
import { hotQuestion } from '../work/questions.ts'
import { type Bench, PEERS } from './bench.ts'
import { askOnce, prepare, writeRequests } from './prepared-requests.ts'
import { bestOf, failureNotes, figureFor, withVariant } from './rounds.ts'
import { perSecond, throughput, throughputTable } from './throughput.ts'

/** All hits: one question of ten parts, asked again and again, of every variant and of the limits. */
export async function measureHits(bench: Bench): Promise<Outcome> {
  const request = await prepare(bench.site, hotQuestion(bench.site))
  const requestsFile = await writeRequests(bench.directory, 'hits', [request])
  // The limits send what the gateway answers, byte for byte.
  const bytes = await withVariant(bench, 'gateway', { cached: true }, ({ url }) => askOnce(url, request))
  const rounds = await throughput(bench, { label: 'hits', names: bench.variants, cached: true, requestsFile, bytes })
  const { measured } = rounds
  const ours = figureFor(measured, 'gateway', perSecond)?.value ?? null
  const against = (what: string, other: { readonly name: string; readonly value: number } | null, least: number) =>
    comparedFigure({ what, ours, against: other, unit: '/s', reach: { least } })
  return {
    measure: 'hits',
    figures: [
      against("all hits, to Fastify's bare bytes", figureFor(measured, 'fastify', perSecond), 0.85),
      against('all hits, to nginx', figureFor(measured, 'nginx', perSecond), 0.75),
      against('all hits, to the best peer', bestOf(measured, PEERS, perSecond, 'more'), 3.5),
    ],
    tables: [throughputTable('All hits: ten parts, one hot set', measured)],
    notes: [
      `The answer has ${bytes.length} bytes. The gateway verifies who asks, gate, budget and partition on every hit; the limits verify nothing.`,
      ...failureNotes(rounds, 'hits'),
    ],
    raw: { answerBytes: bytes.length, ...rounds },
  }
}
