import type { Outcome } from '../report/outcome.ts'
import type { BenchSite } from '../site/site.ts'
import { checkVariants } from '../variants/check.ts'
import type { VariantName } from '../variants/variant.ts'
import { versionOf } from '../variants/versions.ts'
import { createMorning } from '../work/morning.ts'
import { everOther, hotQuestion } from '../work/questions.ts'
import { LIMITS, PEERS } from './bench.ts'

/** Which variants may be timed: those that answer the work as the reference does, and keep partners apart. */

const ALL: readonly VariantName[] = ['gateway', ...PEERS, ...LIMITS]
const MORNING_QUESTIONS = 30

export interface EligibleVariants {
  readonly names: readonly VariantName[]
  readonly leftOut: readonly { readonly name: VariantName; readonly reason: string }[]
}

/** @throws Error where the gateway itself does not answer rightly: there is nothing to measure */
export async function eligibleVariants(site: BenchSite, progress: (text: string) => void): Promise<EligibleVariants> {
  const [morning, parts] = [createMorning(site, 7), everOther(site, 10, 7)]
  const questions = [hotQuestion(site), parts(), parts(), ...Array.from({ length: MORNING_QUESTIONS }, morning)]
  const verdicts = await checkVariants(site, ALL, questions, progress)
  const names = verdicts.filter(({ leftOutBecause }) => leftOutBecause === null).map(({ name }) => name)
  const leftOut = verdicts.flatMap(({ name, leftOutBecause: reason }) => (reason === null ? [] : [{ name, reason }]))
  if (!names.includes('gateway'))
    throw new Error(`the gateway is left out: ${leftOut.find(({ name }) => name === 'gateway')?.reason ?? 'unknown'}`)
  return { names, leftOut }
}

/** What was compared, for the report. */
export async function variantsOutcome({ names, leftOut }: EligibleVariants): Promise<Outcome> {
  const versions = await Promise.all(names.map(async name => [name, await versionOf(name)] as const))
  return {
    measure: 'variants',
    figures: [],
    tables: [{ title: 'What was compared', columns: ['variant', 'versions'], rows: versions }],
    notes: leftOut.map(({ name, reason }) => `${name} is left out: ${reason}`),
    raw: { versions: Object.fromEntries(versions), leftOut },
  }
}
