import type { BenchIssuer } from '../site/site.ts'

/** What a peer's process is told on its command line, as JSON. */
export interface PeerOptions {
  /** The gateway's configuration: where the systems are, and the site directory. */
  readonly configFile: string
  readonly restartImageFile: string
  readonly issuer: BenchIssuer
  readonly port: number
  readonly cached: boolean
  readonly tokenMemo: boolean
}

export function parsePeerOptions(args: readonly string[]): PeerOptions {
  const [text] = args.slice(2)
  if (text === undefined) throw new Error('a peer is started by the benchmark: its options are missing')
  return JSON.parse(text) as PeerOptions
}
