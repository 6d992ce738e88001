import { mkdir, rm, writeFile } from 'node:fs/promises'
import {
  embeddedGatewayDirectory,
  embeddedGatewayKeyFile,
  embeddedKeyRingFile,
  embeddedOperatorKeyFile,
  embeddedOperatorsDirectory,
} from '../src/config/embedded.ts'
import type { SignatoryRole } from '../src/recovery/statements/signatory.ts'
import { createSigningKey, readSigningKey, type SigningKey } from '../src/recovery/statements/signing-key.ts'

/**
 * The keys of the embedded default: one for each role, held by an invented person, and the gateway's own. Called by
 * `serve` at the first start. For trying out only: whoever can read the data directory can sign as anyone.
 */

export type OperatorRole = Exclude<SignatoryRole, 'GATEWAY'>

export const SAMPLE_OPERATORS: Readonly<Record<OperatorRole, string>> = {
  FORENSICS_LEAD: 'Ingrid Vasquez-Thorne',
  SYSTEM_OWNER: 'Callum Brathwaite',
  SECURITY_OPERATIONS: 'Noor Lindqvist',
  BACKUP_OPERATIONS: 'Piotr Hallam',
  BUSINESS_OWNER: 'Eleanor Okafor',
  RECOVERY_LEAD: 'Marisa Penhaligon',
  PARTNER_MANAGER: 'Tomasz Averill',
  COMMUNICATIONS_LEAD: 'Beatrix Osei',
}
export const OPERATOR_ROLES = Object.keys(SAMPLE_OPERATORS) as readonly OperatorRole[]

/** Makes all keys anew under the data directory: the private ones for their owner only, then the file that pins the public ones. */
export async function makeSampleKeys(directory: string): Promise<void> {
  for (const folder of [embeddedOperatorsDirectory(directory), embeddedGatewayDirectory(directory)]) {
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder, { recursive: true, mode: 0o700 })
  }
  const pinned = [
    await makeKey(embeddedGatewayKeyFile(directory), 'GATEWAY', 'recovery-gateway'),
    ...(await Promise.all(
      OPERATOR_ROLES.map(role => makeKey(embeddedOperatorKeyFile(directory, role), role, SAMPLE_OPERATORS[role])),
    )),
  ]
  await writeFile(embeddedKeyRingFile(directory), `${JSON.stringify({ keys: pinned }, null, 2)}\n`)
}

/** Returns the public part as the pinned file has it. */
async function makeKey(file: string, role: SignatoryRole, name: string): Promise<object> {
  const { privateJwk, publicJwk } = await createSigningKey('EdDSA')
  await writeFile(file, `${JSON.stringify(privateJwk)}\n`, { mode: 0o600, flag: 'wx' })
  return { ...publicJwk, role, name }
}

/** The private keys of all sample operators; throws `ConfigError` where one is missing. */
export async function readSampleKeys(directory: string): Promise<(role: OperatorRole) => SigningKey> {
  const keys = new Map<OperatorRole, SigningKey>()
  for (const role of OPERATOR_ROLES) keys.set(role, await readSigningKey(embeddedOperatorKeyFile(directory, role)))
  return role => {
    const key = keys.get(role)
    if (key === undefined) throw new TypeError(`no sample operator is ${role}`)
    return key
  }
}
