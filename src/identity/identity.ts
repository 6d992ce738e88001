import type { Config } from '../config/load-config.ts'
import type { Clock } from '../model/clock.ts'
import { createAccessTokenVerifier } from './access-token.ts'
import { type Authenticator, createAuthenticator } from './authenticate.ts'
import type { PartnerRegistry } from './partner-registry.ts'
import { createSigningKeys } from './signing-keys.ts'

/** Identity as configured: from an Authorization header to a viewer. Built by the composition root. */
export async function createIdentity(
  config: Config['identity'],
  registry: PartnerRegistry,
  clock: Clock,
): Promise<Authenticator> {
  const keys = await createSigningKeys(config.keys, clock)
  return createAuthenticator({ verifier: createAccessTokenVerifier({ ...config, keys, clock }), registry })
}
