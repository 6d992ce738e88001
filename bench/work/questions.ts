import { createRandom, type Random } from '../../demo/generator/random.ts'
import type { BenchPartner, BenchSite } from '../site/site.ts'
import type { BenchQuestion } from '../variants/check.ts'
import { AVAILABILITY, PAIR, type WorkDocument } from './documents.ts'

/**
 * Single questions and endless runs of them, but for the retail morning (morning.ts). Called by the measurements; equal
 * seeds give equal questions, whoever is asked.
 */

/** What is known of a site where questions are made. */
export type Askers = Pick<BenchSite, 'retailers' | 'suppliers' | 'partNumbers'>

/** The next of an endless run. */
export type NextQuestion = () => BenchQuestion

export function ask(
  { client }: Pick<BenchPartner, 'client'>,
  { query, operationName }: WorkDocument,
  variables?: Readonly<Record<string, unknown>>,
): BenchQuestion {
  return { client, query, operationName, ...(variables && { variables }) }
}

/** The partner at this place, round and round. */
export function partnerAt(partners: readonly BenchPartner[], index: number): BenchPartner {
  const partner = partners[index % partners.length]
  if (partner === undefined) throw new RangeError('the site has no such partner')
  return partner
}

/** Evenly over the catalogue, each once; as many as there are where there are fewer. */
export function partsApart(partNumbers: readonly string[], count: number, offset = 0): readonly string[] {
  const step = Math.max(1, Math.floor(partNumbers.length / count))
  return Array.from({ length: Math.min(count, partNumbers.length) }, (_, n) => {
    return partNumbers[(offset + n * step) % partNumbers.length] ?? ''
  })
}

/** A hot set: `count` part numbers, asked by the retailer at a place; another `offset`, other parts. */
export function hotQuestion({ retailers, partNumbers }: Askers, count = 10, place = 0, offset = place): BenchQuestion {
  return ask(partnerAt(retailers, place), AVAILABILITY, { partNumbers: partsApart(partNumbers, count, offset) })
}

/** Every retailer in turn, each time for other parts. */
export function everOther({ retailers, partNumbers }: Askers, count: number, seed: number): NextQuestion {
  const random = createRandom(seed, 'ever other parts', count)
  let asked = 0
  return () => ask(partnerAt(retailers, asked++), AVAILABILITY, { partNumbers: drawParts(random, partNumbers, count) })
}

function drawParts(random: Random, partNumbers: readonly string[], count: number): readonly string[] {
  if (partNumbers.length < count) throw new RangeError(`the site has fewer than ${count} parts`)
  const drawn = new Set<string>()
  while (drawn.size < count) drawn.add(partNumbers[random.int(0, partNumbers.length - 1)] ?? '')
  return [...drawn]
}

/** Every pair of `side` parts is another question, and few records are read: `side`² of them. To be filled in. */
export const pairTemplate = (asker: BenchPartner): BenchQuestion => ask(asker, PAIR, { one: '{ONE}', other: '{OTHER}' })

/** The n-th pair of `side` parts, as the template is filled in. */
export function pairQuestion(asker: BenchPartner, parts: readonly string[], n: number): BenchQuestion {
  const side = parts.length
  return ask(asker, PAIR, { one: parts[Math.floor(n / side) % side], other: parts[n % side] })
}
