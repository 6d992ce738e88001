import type { Outcome } from '../report/outcome.ts'
import type { BenchSite } from '../site/site.ts'
import type { VariantName } from '../variants/variant.ts'

/** What every measurement is given. Made by main.ts. */
export interface Bench {
  readonly site: BenchSite
  /** Those that answered rightly; the gateway among them, or nothing is measured. */
  readonly variants: readonly VariantName[]
  readonly rounds: number
  readonly pace: Pace
  /** For files of the run; thrown away with it. */
  readonly directory: string
  /** Is told what takes time; a line at a time. */
  readonly progress: (text: string) => void
}

export type Measure = (bench: Bench) => Promise<Outcome>

/** How long things take. */
export interface Pace {
  readonly warmSeconds: number
  readonly runSeconds: number
  /** Where every request is executed, and where in many ways: ever more code is to be compiled than for hits. */
  readonly missesWarmSeconds: number
  readonly mixWarmSeconds: number
  /** Of the morning, flat out, until code is compiled; and, where reads are counted, until records are known. */
  readonly morningWarmSeconds: number
  readonly readsWarmSeconds: number
  readonly morningSeconds: number
  /** Distinct questions of the flood, at most this long. */
  readonly floodQuestions: number
  readonly floodSeconds: number
  /** Most entries of the cache, as far as filling it comes in this time. */
  readonly cacheEntries: number
  readonly fillSeconds: number
  /** One request at a time, by the length of its list. */
  readonly listRequests: number
}

export const FULL: Pace = {
  warmSeconds: 2,
  runSeconds: 2,
  missesWarmSeconds: 4,
  mixWarmSeconds: 8,
  morningWarmSeconds: 4,
  readsWarmSeconds: 12,
  morningSeconds: 5,
  floodQuestions: 1_000_000,
  floodSeconds: 60,
  cacheEntries: 1_000_000,
  fillSeconds: 25,
  listRequests: 30,
}

/** Of some measurements alone, which need not share a quarter of an hour: the flood comes to its end. */
export const UNHURRIED: Pace = { ...FULL, floodSeconds: 400 }

export const QUICK: Pace = {
  warmSeconds: 1,
  runSeconds: 1,
  missesWarmSeconds: 1,
  mixWarmSeconds: 1,
  morningWarmSeconds: 1,
  readsWarmSeconds: 2,
  morningSeconds: 3,
  floodQuestions: 30_000,
  floodSeconds: 15,
  cacheEntries: 10_000,
  fillSeconds: 15,
  listRequests: 20,
}

/** The server has one core to itself; whatever asks it, and the databases, have the other (see pin.ts). */
export const SERVER_CPU = 0
export const LOAD_CPU = 1

export const PEERS: readonly VariantName[] = ['apollo', 'mercurius', 'yoga', 'hive', 'tailcall']
export const LIMITS: readonly VariantName[] = ['fastify', 'node-http', 'nginx']
/** Speaks of parts' availability only. */
export const PARTLY: readonly VariantName[] = ['tailcall']

/** Any question of the work: all but the limits, which send the same bytes to everybody, and those that know one operation. */
export function answeringAll(variants: readonly VariantName[]): readonly VariantName[] {
  return variants.filter(name => !LIMITS.includes(name) && !PARTLY.includes(name))
}
