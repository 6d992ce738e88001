import { readFile } from 'node:fs/promises'
import { GraphQLError } from 'graphql'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import type { BenchIssuer } from '../site/site.ts'

/** How a peer knows who asks: as its stack usually does, every request's token is verified by jose with the issuer's keys. */
export interface PeerTokens {
  /** The client and the scopes of a bearer token; throws a `GraphQLError` of status 401 where it is none that counts. */
  verify(authorization: string | null | undefined): Promise<VerifiedToken>
}

export interface VerifiedToken {
  readonly client: string
  readonly scopes: ReadonlySet<string>
}

/** `memo`: a token that was verified is not verified again. Nothing bounds it, nor does it see a token lapse: the peer's best case. */
export async function createPeerTokens(issuer: BenchIssuer, { memo }: { readonly memo: boolean }): Promise<PeerTokens> {
  const keys = createLocalJWKSet(JSON.parse(await readFile(issuer.jwksFile, 'utf8')) as JSONWebKeySet)
  const expected = { issuer: issuer.issuer, audience: issuer.audience, algorithms: ['ES256'], typ: 'at+jwt' }
  const known = new Map<string, VerifiedToken>()
  return {
    async verify(authorization) {
      const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1]
      if (token === undefined) return refuse()
      const before = known.get(token)
      if (before) return before
      const { payload } = await jwtVerify(token, keys, expected).catch(refuse)
      const verified = {
        client: String(payload.client_id),
        scopes: new Set(String(payload.scope ?? '').split(' ')),
      }
      if (memo) known.set(token, verified)
      return verified
    },
  }
}

/** Apollo Server reads the status from the one place, Fastify from the other. */
function refuse(): never {
  const extensions = { code: 'UNAUTHENTICATED', http: { status: 401 } }
  throw Object.assign(new GraphQLError('The token does not count.', { extensions }), { statusCode: 401 })
}
