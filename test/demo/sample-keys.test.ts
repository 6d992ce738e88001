import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { makeSampleKeys, OPERATOR_ROLES, readSampleKeys, SAMPLE_OPERATORS } from '../../demo/sample-keys.ts'
import { embeddedGatewayKeyFile, embeddedKeyRingFile } from '../../src/config/embedded.ts'
import { readKeyRing } from '../../src/recovery/statements/key-ring.ts'
import { SIGNATORY_ROLES } from '../../src/recovery/statements/signatory.ts'
import { readSigningKey } from '../../src/recovery/statements/signing-key.ts'

let directory = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sample-keys-'))
  await makeSampleKeys(directory)
})
afterEach(() => rm(directory, { recursive: true }))

test('every role has one key, pinned under the name of its operator, and the gateway has its own', async () => {
  const ring = await readKeyRing(embeddedKeyRingFile(directory), null)
  expect(
    ring
      .all()
      .map(({ role }) => role)
      .toSorted(),
  ).toEqual(SIGNATORY_ROLES.toSorted())
  const keys = await readSampleKeys(directory)
  for (const role of OPERATOR_ROLES)
    expect(ring.find(keys(role).keyId)).toMatchObject({ role, name: SAMPLE_OPERATORS[role], systems: null })
  const own = await readSigningKey(embeddedGatewayKeyFile(directory))
  expect(ring.find(own.keyId)?.role).toBe('GATEWAY')
})

test('private keys are for their owner alone, and none stands in the file of pinned keys', async () => {
  const files = (await readdir(directory, { recursive: true })).filter(file => file.endsWith('.jwk.json'))
  expect(files).toHaveLength(SIGNATORY_ROLES.length)
  for (const file of files) expect((await stat(join(directory, file))).mode & 0o777).toBe(0o600)
  const pinned = JSON.parse(await readFile(embeddedKeyRingFile(directory), 'utf8'))
  for (const key of pinned.keys) expect(key).not.toHaveProperty('d')
})

test('made again, all keys are others, and what was signed with the old ones counts no more', async () => {
  const before = (await readSampleKeys(directory))('FORENSICS_LEAD').keyId
  await makeSampleKeys(directory)
  const ring = await readKeyRing(embeddedKeyRingFile(directory), null)
  expect(ring.withdrawalOf(before, 'FORENSICS_LEAD', 'PARTS_LOGISTICS')).toBe('always')
})
