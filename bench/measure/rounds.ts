import { freePort } from '../../test/support/free-port.ts'
import { startVariant } from '../variants/start.ts'
import type { RunningVariant, VariantName, VariantOptions } from '../variants/variant.ts'
import { type Bench, SERVER_CPU } from './bench.ts'

/**
 * Variants side by side: a fresh process each, one after the other, in an order that is reversed every round, so that a
 * machine that grows slower or faster meanwhile favours nobody. Called by every measurement that compares.
 */
export interface RoundsOptions<R> {
  readonly label: string
  readonly names: readonly VariantName[]
  readonly cached: boolean
  readonly rounds?: number
  /** Sent by the limits. */
  readonly bytes?: Buffer
  readonly measure: (variant: RunningVariant) => Promise<R>
}

export interface Measured<R> {
  readonly name: VariantName
  /** One a round. */
  readonly runs: readonly R[]
}

export interface Rounds<R> {
  /** In the order of the names; those of which every round was measured. */
  readonly measured: readonly Measured<R>[]
  readonly failed: readonly { readonly name: VariantName; readonly reason: string }[]
}

export async function inRounds<R>(bench: Bench, options: RoundsOptions<R>): Promise<Rounds<R>> {
  const { label, names, cached, measure, rounds = bench.rounds } = options
  const runs = new Map<VariantName, R[]>(names.map(name => [name, []]))
  const failed = new Map<VariantName, string>()
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      if (failed.has(name)) continue
      bench.progress(`${label}: round ${round + 1} of ${rounds}, ${name}`)
      const bytes = options.bytes && { bytes: options.bytes }
      try {
        runs.get(name)?.push(await withVariant(bench, name, { cached, ...bytes }, measure))
      } catch (thrown) {
        failed.set(name, thrown instanceof Error ? thrown.message : String(thrown))
        bench.progress(`${label}: ${name} failed: ${failed.get(name)}`)
      }
    }
  }
  return {
    measured: [...runs].filter(([name]) => !failed.has(name)).map(([name, runs]) => ({ name, runs })),
    failed: [...failed].map(([name, reason]) => ({ name, reason })),
  }
}

/** Starts the variant, measures it, and stops it whatever comes of it. */
export async function withVariant<R>(
  { site }: Pick<Bench, 'site'>,
  name: VariantName,
  options: Omit<VariantOptions, 'port' | 'cpu'> & { readonly cpu?: number | null },
  measure: (variant: RunningVariant) => Promise<R>,
): Promise<R> {
  const variant = await startVariant(name, site, { cpu: SERVER_CPU, port: await freePort(), ...options })
  try {
    return await measure(variant)
  } finally {
    await variant.stop()
  }
}

/** The least, or the most, of all; null where none is there. */
export function bestOf<R>(
  measured: readonly Measured<R>[],
  names: readonly VariantName[],
  read: (runs: readonly R[]) => number,
  better: 'more' | 'less',
): { readonly name: VariantName; readonly value: number } | null {
  const values = measured
    .filter(({ name }) => names.includes(name))
    .map(({ name, runs }) => ({ name, value: read(runs) }))
    .toSorted((a, b) => (better === 'more' ? b.value - a.value : a.value - b.value))
  return values[0] ?? null
}

export function figureFor<R>(
  measured: readonly Measured<R>[],
  name: VariantName,
  read: (runs: readonly R[]) => number,
): { readonly name: VariantName; readonly value: number } | null {
  return bestOf(measured, [name], read, 'more')
}

export const failureNotes = ({ failed }: Pick<Rounds<unknown>, 'failed'>, what: string): readonly string[] =>
  failed.map(({ name, reason }) => `${what}: ${name} is left out: ${reason}`)
