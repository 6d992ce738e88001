import type { Config } from '../../config/load-config.ts'
import type { Listeners } from './gateway.ts'

/** What the primary and its workers say to each other, over the channel that Node opens between them and to nobody else. */

export type ToWorker =
  | { readonly kind: 'start'; readonly number: number; readonly config: Config }
  /** Another worker serves in its place: end without refusing anybody. */
  | { readonly kind: 'hand-over' }
  /** The gateway stops. */
  | { readonly kind: 'stop' }
  | { readonly kind: 'tell-metrics'; readonly question: number }
  | { readonly kind: 'all-metrics'; readonly question: number; readonly text: string }

export type ToPrimary =
  /** Serves partners, every system proven. */
  | { readonly kind: 'ready'; readonly listeners: Listeners }
  /** Could not start, and ends; `problem` is for an operator. */
  | { readonly kind: 'failed'; readonly problem: string }
  | { readonly kind: 'metrics'; readonly question: number; readonly text: string }
  /** Asks for the metrics of all. */
  | { readonly kind: 'ask-metrics'; readonly question: number }
