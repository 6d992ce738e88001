import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { WatchedClock } from './watched-clock.ts'

/**
 * The nonces of this process (RFC 9449 §9): a proof that carries one was made for this process, during its life, and since
 * its clock was last set. Used while no shared store answers. Nothing of them is kept.
 */
export interface Nonces {
  issue(): string
  /**
   * What the nonce of a proof says about where the proof may have been used before:
   * `CURRENT`: in this process only. `LAPSED`: with a nonce nowhere, because it was made after the nonce's end.
   * `OTHER`: perhaps in another process, whose nonce it is.
   */
  standingOf(nonce: string, proofIssuedAtMs: number): NonceStanding
}

export type NonceStanding =
  | { readonly kind: 'CURRENT'; readonly isEnding: boolean }
  | { readonly kind: 'LAPSED' }
  | { readonly kind: 'OTHER' }

export interface NoncesOptions {
  readonly lifetimeSeconds: number
  readonly clock: WatchedClock
}

/** Its end in milliseconds since the Unix epoch, to base 36, and its authentication by the process. */
const FORM = /^([0-9a-z]{8,9})\.([A-Za-z0-9_-]{22})$/

export function createNonces({ lifetimeSeconds, clock }: NoncesOptions): Nonces {
  const lifetimeMs = lifetimeSeconds * 1_000
  const key = randomBytes(32)
  const tagOf = (end: string) => createHmac('sha256', key).update(`${end} ${clock.timesSet()}`).digest().subarray(0, 16)

  return {
    issue() {
      const end = Math.ceil(clock.now() + lifetimeMs).toString(36)
      return `${end}.${tagOf(end).toString('base64url')}`
    },
    standingOf(nonce, proofIssuedAtMs) {
      const [, end = '', tag = ''] = FORM.exec(nonce) ?? []
      if (end === '') return { kind: 'OTHER' }
      const endMs = Number.parseInt(end, 36)
      // Whoever issued the nonce would not have taken such a proof under it, so the end counts for every process.
      if (proofIssuedAtMs > endMs) return { kind: 'LAPSED' }
      const leftMs = endMs - clock.now()
      if (leftMs <= 0 || !timingSafeEqual(Buffer.from(tag, 'base64url'), tagOf(end))) return { kind: 'OTHER' }
      return { kind: 'CURRENT', isEnding: leftMs < lifetimeMs / 2 }
    },
  }
}
