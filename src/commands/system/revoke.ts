import { SYSTEM_KEYS, SYSTEM_NAMES } from '../../model/system.ts'
import type { AdminClient } from '../admin-client.ts'
import { CommandFailure } from '../command.ts'
import { createRevocationCommand, type Revoked } from '../signing/revocation.ts'
import { minute, SHORT_ID } from '../wording.ts'

/** `system revoke ID`: an attestation no longer counts, and a system that needs it closes at once. */

const USAGE = `usage: recovery-gateway system revoke ID --reason TEXT [OPTION…]

Revokes an attestation for good. ID is its own, or the beginning of it that 'system attestations NAME' shows.
A system that no two attestations carry any more closes at once.
`

export const runRevoke = createRevocationCommand(USAGE, 'ID', (id, { admin }) => attestationNamed(id, admin))

async function attestationNamed(wanted: string, admin: AdminClient): Promise<Revoked> {
  const all = await Promise.all(
    SYSTEM_KEYS.map(async system => (await admin.attestations(system)).map(attestation => ({ system, attestation }))),
  )
  const found = all.flat().filter(({ attestation: { id } }) => isNamed(id, wanted.toLowerCase()))
  const [one] = found
  if (one === undefined || found.length > 1) {
    const known = one === undefined ? 'no attestation has this id' : 'more than one attestation begins so'
    throw new CommandFailure(`ID ${wanted}: ${known}: recovery-gateway system attestations NAME --long`)
  }
  const { id, role, name, standing, expiresAt } = one.attestation
  const is = `Attestation of ${SYSTEM_NAMES[one.system]} by ${name} (${role}), ${standing}, until ${minute(expiresAt)}`
  return { sub: `urn:statement:${id}`, is }
}

function isNamed(id: string, wanted: string): boolean {
  return id === wanted || (wanted.length >= SHORT_ID && id.startsWith(wanted))
}
