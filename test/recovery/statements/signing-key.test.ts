import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { calculateJwkThumbprint, type JWK } from 'jose'
import { ConfigError } from '../../../src/model/operator-file.ts'
import { createSigningKey, parseSigningKey, readSigningKey } from '../../../src/recovery/statements/signing-key.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signing-key-'))
})
afterAll(() => rm(directory, { recursive: true }))

const { privateJwk, publicJwk } = await createSigningKey('EdDSA')
const other = await createSigningKey('EdDSA')

const faultOf = async (given: Promise<unknown>): Promise<ConfigError> => {
  const thrown = await given.catch((error: unknown) => error)
  if (!(thrown instanceof ConfigError)) throw new Error('it was taken')
  return thrown
}

describe.each(['EdDSA', 'ES256'] as const)('a new %s key', algorithm => {
  test('is named by its thumbprint, and its public part holds nothing private', async () => {
    const made = await createSigningKey(algorithm)
    const kid = await calculateJwkThumbprint(made.publicJwk as JWK)
    expect(made.publicJwk).toEqual({ ...made.privateJwk, d: undefined })
    expect(made.publicJwk).not.toHaveProperty('d')
    expect(made.publicJwk).toMatchObject({ kid, alg: algorithm })
    const key = await parseSigningKey(made.privateJwk, 'key.json')
    expect(key).toMatchObject({ keyId: kid, algorithm })
    expect([key.privateKey.extractable, key.privateKey.usages, key.keyObject.type]).toEqual([
      false,
      ['sign'],
      'private',
    ])
  })

  test('is read back from a file that only its owner can read', async () => {
    const made = await createSigningKey(algorithm)
    const file = join(directory, `${algorithm}.json`)
    await writeFile(file, JSON.stringify(made.privateJwk), { mode: 0o600 })
    expect((await readSigningKey(file)).keyId).toBe(made.publicJwk.kid)
  })
})

describe('a private key', () => {
  test.each<[string, unknown, RegExp]>([
    ['that is only the public part', publicJwk, /^key\.json: is not a private key for statements; .* \(d\)$/],
    ['of another type', { ...privateJwk, kty: 'RSA' }, /\(kty\)$/],
    ['of another curve', { ...privateJwk, crv: 'Ed448' }, /\(crv\)$/],
    ['whose public part is that of another', { ...privateJwk, x: other.publicJwk.x }, /are not of one key$/],
    ['under the name of another', { ...privateJwk, kid: other.publicJwk.kid }, /^key\.json: kid: must be /],
    ['for another algorithm', { ...privateJwk, alg: 'ES256' }, /^key\.json: alg: must be EdDSA for a key of Ed25519$/],
    ['that is text', privateJwk.d, /^key\.json: is not a private key/],
    ['that is missing', null, /^key\.json: is not a private key/],
  ])('%s is refused, and nothing of it is repeated', async (_, value, problem) => {
    const error = await faultOf(parseSigningKey(value, 'key.json'))
    expect(error.message).toMatch(problem)
    expect(inspect(error, { depth: 9 })).not.toContain(privateJwk.d)
  })

  test('that others can read is not used', async () => {
    const file = join(directory, 'open.json')
    await writeFile(file, JSON.stringify(privateJwk), { mode: 0o600 })
    for (const mode of [0o640, 0o604, 0o660]) {
      await chmod(file, mode)
      expect((await faultOf(readSigningKey(file))).message).toBe(
        `${file}: has the mode 0${mode.toString(8)}, so other users can use the private key; run: chmod 0600 '${file}'`,
      )
    }
  })

  test('whose file is missing or broken is named, and nothing of it is repeated', async () => {
    expect((await faultOf(readSigningKey(join(directory, 'none.json')))).message).toMatch(
      /none\.json: the private key cannot be read: ENOENT/,
    )
    const file = join(directory, 'broken.json')
    await writeFile(file, `${JSON.stringify(privateJwk)}}`, { mode: 0o600 })
    const error = await faultOf(readSigningKey(file))
    expect(error.message).toBe(`${file}: is not JSON; must be a private JWK (RFC 7517)`)
    expect(inspect(error, { depth: 9 })).not.toContain(privateJwk.d)
  })
})
