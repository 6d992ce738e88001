import { isDeepStrictEqual } from 'node:util'
import { readDeclarations } from '../../operations/declarations.ts'
import { cachedFields, type Probe, type Question } from './cached-fields.ts'
import { bears, CANARIES, type Canary } from './canary.ts'
import { type CanaryGateway, type CanaryGatewayOptions, startCanaryGateway } from './canary-gateway.ts'

/**
 * Whether partners are kept apart: each cached field is asked as one partner, in the same words as another, and as the
 * first again, so that what was kept for the one would show in the answer to the other. Called by the self-test.
 */
export interface Separation {
  /** Fields that were asked, each by both. */
  readonly fields: number
  /** What is wrong, a line for each field; empty: nothing. */
  readonly problems: readonly string[]
}

export async function testSeparation(options: CanaryGatewayOptions): Promise<Separation> {
  const { schema } = options
  const probes = cachedFields(schema, readDeclarations(schema))
  const gateway = await startCanaryGateway(options)
  try {
    const problems: string[] = []
    for (const probe of probes) {
      const problem = await problemOf(probe, gateway)
      if (problem !== null) problems.push(`${probe.name}: ${problem}; look at its ${partitionText(probe)} in schema/`)
    }
    return { fields: probes.length, problems }
  } finally {
    await gateway.close()
  }
}

/** Null: whoever asks gets what is for them, and from no cache what is for others. */
async function problemOf(probe: Probe, gateway: CanaryGateway): Promise<string | null> {
  const isShared = probe.name === probe.declaration.coordinate && (probe.declaration.partition ?? []).length === 0
  for (const question of probe.questions) {
    const outcome = await outcomeOf(question, gateway)
    if (outcome === 'same' && isShared) return null
    if (outcome === 'different') return isShared ? 'depends on who asks, and declares that it does not' : null
    if (outcome !== 'same') return outcome.problem
  }
  return probe.questions.length === 0
    ? 'cannot be asked by the self-test: no way leads to it whose arguments can be made'
    : 'gives two partners the same'
}

async function outcomeOf(
  { query, path }: Question,
  gateway: CanaryGateway,
): Promise<'same' | 'different' | { readonly problem: string }> {
  const [a, b] = CANARIES
  const given: unknown[] = []
  for (const [own, other] of [
    [a, b],
    [b, a],
    [a, b],
  ] as const) {
    const { data, problems } = await gateway.ask(own, query)
    if (problems.length > 0) return { problem: `cannot be answered to the self-test (${problems.join('; ')})` }
    const values = valuesAt(data, path)
    if (values.length === 0)
      return { problem: 'gives the self-test nothing, so nothing shows that partners are kept apart' }
    if (leavesOf(values).some(leaf => bears(other, leaf))) return { problem: leakText(own, other) }
    given.push(values)
  }
  const [first, second, again] = given
  if (!isDeepStrictEqual(first, again)) return { problem: 'gives a partner something else when asked again' }
  return isDeepStrictEqual(first, second) ? 'same' : 'different'
}

function leakText(own: Canary, other: Canary): string {
  return `gives partner ${own.client} what belongs to ${other.client}`
}

/** All that stands at the path, through every list on the way; null is nothing. */
function valuesAt(data: unknown, path: readonly string[]): readonly unknown[] {
  let values = [data]
  for (const name of path)
    values = values.flatMap(value => (value as Readonly<Record<string, unknown>> | null)?.[name] ?? [])
  return values
}

function leavesOf(value: unknown): readonly unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leavesOf) : [value]
}

function partitionText({ declaration: { partition, argumentPartition } }: Probe): string {
  const added = [...argumentPartition].map(([name, facts]) => ` and on ${name} [${facts.join(', ')}]`)
  return `@partition(by: [${(partition ?? []).join(', ')}])${added.join('')}`
}
