import { hash, X509Certificate } from 'node:crypto'
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { createLocalJWKSet } from 'jose'
import { createAccessTokenVerifier } from '../../src/identity/access-token.ts'
import { type Authenticated, createAuthenticator } from '../../src/identity/authenticate.ts'
import { createDpop } from '../../src/identity/dpop/dpop.ts'
import { createKnownTokens } from '../../src/identity/known-tokens.ts'
import { createPartnerRegistry } from '../../src/identity/partner-registry.ts'
import type { PartnerEntry } from '../../src/model/partner-entry.ts'
import { createCounters } from '../../src/observe/counters.ts'
import { createAuthority } from '../support/certificates.ts'
import { createDeclaredRecovery, declaredState } from '../support/declared-recovery.ts'
import {
  AUDIENCE,
  clockAtNow,
  createKey,
  ISSUER,
  NOW_SECONDS,
  otherSignature,
  requestWith,
  signToken,
  type TestKey,
} from './issuer.ts'
import { createFakeStore, PUBLIC_URL, signProof, thumbprintOf } from './proofs.ts'

const PARTNER: PartnerEntry = {
  bpnl: 'BPNL00000000001A',
  name: 'Hallam Cars',
  roles: ['RETAILER'],
  sites: [],
  wave: null,
  scopes: ['parts:read'],
  clients: ['dms-1'],
  tokenBinding: 'NONE',
  disabled: false,
  limits: null,
}
const OTHER: PartnerEntry = { ...PARTNER, bpnl: 'BPNL00000000002B', clients: ['portal-1'] }
