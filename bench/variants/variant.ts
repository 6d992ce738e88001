/** What a variant of the benchmark is to whoever measures it; start.ts starts one. */
export type VariantName =
  | 'gateway'
  | 'apollo'
  | 'mercurius'
  | 'yoga'
  | 'hive'
  | 'tailcall'
  | 'fastify'
  | 'node-http'
  | 'nginx'

export interface VariantOptions {
  /** False: its response cache is off, and so is every other cache of answers or records. */
  readonly cached: boolean
  /** On 127.0.0.1. */
  readonly port: number
  /** The core it runs on, all its processes and what it proxies to aside; null: any. */
  readonly cpu: number | null
  /** Processes of the gateway; default 1. The others have one. */
  readonly workers?: number
  /** The core of the service behind a variant that proxies; default: any. */
  readonly upstreamCpu?: number | null
  /** Whether a peer verifies each token once only, instead of for every request as its stack usually does. Default false. */
  readonly tokenMemo?: boolean
  /** The limits send these for every question; needed by them alone. Default: an answer of about 4 kB. */
  readonly bytes?: Buffer
}

export interface RunningVariant {
  readonly name: VariantName
  /** Where questions are POSTed, the path included. */
  readonly url: string
  /** Processes whose memory and time are its own. */
  pids(): readonly number[]
  /** Reads of the systems since its start; null: it cannot tell. */
  reads(): Promise<number | null>
  stop(): Promise<void>
}
