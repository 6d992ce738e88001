import type { TestKey } from '../identity/issuer.ts'
import { signProof } from '../identity/proofs.ts'
import type { Client, Reply } from './client.ts'
import type { Question } from './gateway.ts'

/**
 * A client whose token is bound to its key (RFC 9449): a proof with each request, and where a gateway asks for its nonce,
 * once more with that (§9). It knows one nonce for each gateway.
 */
export interface DpopClient {
  ask(url: string, question?: Question): Promise<DpopReply>
  /** A proof as it would send to this gateway now. */
  proof(url: string, claims?: object): Promise<string>
  /** Sends a proof as it is, once. */
  send(url: string, proof: string, question?: Question): Promise<Reply>
}

export interface DpopReply extends Reply {
  /** That which the last answer is to. */
  readonly proof: string
  readonly usedNonce: boolean
}

export interface DpopClientOptions {
  readonly client: Client
  readonly key: TestKey
  readonly token: string
}

export const nowSeconds = () => Math.floor(Date.now() / 1_000)

export function createDpopClient({ client, key, token }: DpopClientOptions): DpopClient {
  const nonces = new Map<string, string>()

  const proof: DpopClient['proof'] = (url, claims) =>
    signProof(key, token, { claims: { iat: nowSeconds(), nonce: nonces.get(url), ...claims } })

  async function send(url: string, dpop: string, question?: Question): Promise<Reply> {
    const reply = await client.ask(url, {
      authorization: `DPoP ${token}`,
      headers: { dpop },
      ...(question && { question }),
    })
    const { 'dpop-nonce': nonce } = reply.headers
    if (typeof nonce === 'string') nonces.set(url, nonce)
    return reply
  }

  return {
    proof,
    send,
    async ask(url, question) {
      const first = await proof(url)
      const usedNonce = nonces.has(url)
      const reply = await send(url, first, question)
      if (!isNonceWanted(reply)) return { ...reply, proof: first, usedNonce }
      const second = await proof(url)
      return { ...(await send(url, second, question)), proof: second, usedNonce: true }
    },
  }
}

export function isNonceWanted({ status, headers }: Reply): boolean {
  return status === 401 && String(headers['www-authenticate']).includes('use_dpop_nonce')
}
