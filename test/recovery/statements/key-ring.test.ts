import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { calculateJwkThumbprint, type JWK } from 'jose'
import { ConfigError } from '../../../src/model/operator-file.ts'
import { parseKeyRing, readKeyRing } from '../../../src/recovery/statements/key-ring.ts'
import { createSigningKey } from '../../../src/recovery/statements/signing-key.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'key-ring-'))
})
afterAll(() => rm(directory, { recursive: true }))

const { privateJwk, publicJwk } = await createSigningKey('ES256')
const { publicJwk: edwards } = await createSigningKey('EdDSA')
const freya = { ...publicJwk, role: 'FORENSICS_LEAD', name: 'Freya Okafor' }
const gateway = { ...edwards, role: 'GATEWAY', name: 'recovery-gateway' }

const problemOf = (...keys: readonly unknown[]): string => {
  try {
    parseKeyRing({ keys }, 'keys.json')
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return 'none'
}

describe('the key ring', () => {
  test('names each key by its RFC 7638 thumbprint, with role and name as the file has them', async () => {
    const { kid: _, ...nameless } = freya
    const limited = { ...nameless, systems: ['PARTS_LOGISTICS'], withdrawn_at: '2025-10-06T10:00:00+02:00' }
    const ring = parseKeyRing({ keys: [limited, gateway] }, 'keys.json')
    expect(ring.all()).toEqual([
      {
        keyId: await calculateJwkThumbprint(publicJwk as JWK),
        role: 'FORENSICS_LEAD',
        name: 'Freya Okafor',
        algorithm: 'ES256',
        systems: ['PARTS_LOGISTICS'],
        withdrawnAt: '2025-10-06T08:00:00.000Z',
      },
      {
        keyId: await calculateJwkThumbprint(edwards as JWK),
        role: 'GATEWAY',
        name: 'recovery-gateway',
        algorithm: 'EdDSA',
        systems: null,
        withdrawnAt: null,
      },
    ])
    expect(ring.find(publicJwk.kid)).toBe(ring.all()[0])
    expect(ring.publicKey(publicJwk.kid)?.type).toBe('public')
    expect(ring.find('other')).toBeUndefined()
    expect(ring.publicKey('other')).toBeUndefined()
  })

  test('says from when on a key does not count: never, from an instant, or always where it is not pinned', () => {
    const ring = parseKeyRing({ keys: [{ ...freya, withdrawn_at: '2025-10-06T08:00:00Z' }, gateway] }, 'keys.json')
    expect(ring.withdrawalOf(gateway.kid, 'GATEWAY', 'PARTS_LOGISTICS')).toBeNull()
    expect(ring.withdrawalOf(freya.kid, 'FORENSICS_LEAD', 'PARTS_LOGISTICS')).toBe('2025-10-06T08:00:00.000Z')
    expect(ring.withdrawalOf('other', 'FORENSICS_LEAD', 'PARTS_LOGISTICS')).toBe('always')
  })

  test('lets nothing count that a key signed in a role or about a system that the file no longer gives it', () => {
    const limited = parseKeyRing({ keys: [{ ...freya, systems: ['PARTS_LOGISTICS'] }] }, 'keys.json')
    expect(limited.withdrawalOf(freya.kid, 'FORENSICS_LEAD', 'PARTS_LOGISTICS')).toBeNull()
    expect(limited.withdrawalOf(freya.kid, 'FORENSICS_LEAD', 'WHOLESALE_FINANCE')).toBe('always')
    expect(limited.withdrawalOf(freya.kid, 'SYSTEM_OWNER', 'PARTS_LOGISTICS')).toBe('always')
  })

  test('takes no private key, and does not repeat it', () => {
    const problem = problemOf({ ...freya, d: privateJwk.d })
    expect(problem).toMatch(/^keys\.json: keys\[0\]\.d: is the private part/)
    expect(problem).not.toContain(privateJwk.d)
  })

  test.each<[string, object, RegExp]>([
    ['a kid that is not the thumbprint', { ...freya, kid: 'freya' }, /kid: is "freya"; must be [\w-]{43}, the key's/],
    ['a role that there is not', { ...freya, role: 'ADMIN' }, /role: is "ADMIN"; must be one of FORENSICS_LEAD/],
    ['no name', { ...freya, name: undefined }, /name: is missing/],
    ['another algorithm than that of its curve', { ...freya, alg: 'EdDSA' }, /alg: is "EdDSA"; must be ES256/],
    ['an RSA key', { ...freya, kty: 'RSA' }, /kty: is "RSA"; must be one of OKP, EC/],
    [
      'a point off the curve',
      { ...freya, kid: undefined, y: `${'A'.repeat(43)}` },
      /is not a point of the curve P-256/,
    ],
    ['a padded coordinate', { ...freya, x: `${freya.x}=` }, /x: is .*; must be 32 bytes in base64url/],
    ['a system that there is not', { ...freya, systems: ['PAYROLL'] }, /systems\[0\]: is "PAYROLL"/],
    ['no system at all', { ...freya, systems: [] }, /systems: is a list; must have at least 1/],
    ['a withdrawal without its offset', { ...freya, withdrawn_at: '2025-10-06' }, /withdrawn_at: .*RFC 3339/],
    ['a key for encryption', { ...freya, use: 'enc' }, /use: is "enc"; must be sig/],
    ['an address to get keys from', { ...freya, jku: 'https://keys.example' }, /jku: is not a setting/],
  ])('refuses %s, naming the place', (_, key, problem) => {
    expect(problemOf(key)).toMatch(problem)
    expect(problemOf(key)).toMatch(/^keys\.json: keys\[0\]/)
  })

  test('has each key once: one key, one role', () => {
    expect(problemOf(freya, { ...freya, role: 'SYSTEM_OWNER' })).toContain('is that of entry [0] already')
    expect(problemOf()).toContain('keys: is a list; must have at least 1')
  })
})

describe('the key file', () => {
  test('is read only where its bytes have the digest that is pinned', async () => {
    const file = join(directory, 'keys.json')
    const text = JSON.stringify({ keys: [freya] })
    await writeFile(file, text)
    const digest = createHash('sha256').update(text).digest('hex')
    for (const pinned of [digest, digest.toUpperCase(), null])
      expect((await readKeyRing(file, pinned)).all()).toHaveLength(1)
    await writeFile(file, `${text}\n`)
    await expect(readKeyRing(file, digest)).rejects.toThrow(`${file}: its SHA-256 is `)
    await expect(readKeyRing(file, digest)).rejects.toThrow(`${digest} is pinned`)
  })

  test('that is missing or no JSON is named, and not quoted', async () => {
    await expect(readKeyRing(join(directory, 'none.json'), null)).rejects.toThrow(/none\.json: cannot be read: ENOENT/)
    const file = join(directory, 'broken.json')
    await writeFile(file, `{ "keys": [ { "d": "${privateJwk.d}" `)
    const error = await readKeyRing(file, null).catch((thrown: unknown) => thrown)
    expect(error).toEqual(new ConfigError([`${file}: is not JSON; must be a JWK set (RFC 7517)`]))
    expect(inspect(error, { depth: 9 })).not.toContain(privateJwk.d)
  })
})
