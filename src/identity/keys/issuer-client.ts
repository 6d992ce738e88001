import { Agent, request } from 'undici'
import type { ClientTls } from '../../model/client-tls.ts'

/**
 * Asks the issuer for JSON. Called by the discovery and by who follows the keys. It follows no redirect, and bounds what it
 * reads in bytes and, by the caller's signal, in time.
 */
export interface IssuerClient {
  /** Throws an `Error` that names the URL, never what came. */
  getJson(url: string, signal: AbortSignal): Promise<JsonAnswer>
  close(): Promise<void>
}

/** A status other than 200 has no value. */
export type JsonAnswer =
  | { readonly status: 200; readonly value: unknown }
  | { readonly status: number; readonly value?: never }

/** Largest answer that is read: some hundred keys with their certificates. */
const MAX_BYTES = 1_048_576

export function createIssuerClient(tls: ClientTls): IssuerClient {
  const agent = new Agent({
    connect: tls,
    maxResponseSize: MAX_BYTES,
    // One question in minutes: no connection is kept for the next.
    pipelining: 0,
  })
  return {
    async getJson(url, signal) {
      try {
        const { statusCode, body } = await request(url, {
          dispatcher: agent,
          signal,
          headers: { accept: 'application/json, application/jwk-set+json', 'user-agent': 'recovery-gateway' },
        })
        if (statusCode === 200) return { status: 200, value: await body.json() }
        await body.dump()
        return { status: statusCode }
      } catch (cause) {
        // A syntax error quotes what came.
        const reason = cause instanceof SyntaxError ? 'gave no JSON' : 'did not answer'
        throw new Error(`${url} ${reason}`, cause instanceof SyntaxError ? {} : { cause })
      }
    },
    close: () => agent.close(),
  }
}
