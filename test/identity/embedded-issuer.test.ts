import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { runToken } from '../../src/commands/token.ts'
import { createAccessTokenVerifier } from '../../src/identity/access-token.ts'
import { createEmbeddedIssuer } from '../../src/identity/embedded-issuer.ts'
import { systemClock } from '../../src/model/clock.ts'
import { createRecordedIo } from '../commands/recorded-io.ts'
import { AUDIENCE, clockAtNow, ISSUER, NOW_SECONDS, openKeys } from './issuer.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'issuer-'))
})
afterEach(() => rm(directory, { recursive: true }))

const open = (clock = clockAtNow()) =>
  createEmbeddedIssuer({ directory: join(directory, 'data'), issuer: ISSUER, audience: AUDIENCE, clock })
const grant = { clientId: 'sample-retailer', scopes: ['parts:read'], lifetimeSeconds: 60 }

async function verifierOf(jwksFile: string, clock = clockAtNow()) {
  const { find: keys } = await openKeys({ kind: 'file', file: jwksFile }, clock)
  return createAccessTokenVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: ['ES256'],
    clockSkewSeconds: 0,
    keys,
    clock,
  })
}

describe('the embedded issuer', () => {
  test('signs access tokens that the gateway accepts by the published keys', async () => {
    const { jwksFile, sign } = await open()
    expect(await (await verifierOf(jwksFile))(await sign(grant))).toMatchObject({
      clientId: 'sample-retailer',
      scopes: new Set(['parts:read']),
    })
    const [one, two] = [await sign(grant), await sign(grant)]
    expect(decodeProtectedHeader(one)).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: expect.any(String) })
    expect(decodeJwt(one).exp).toBe(NOW_SECONDS + 60)
    expect(decodeJwt(one).jti).not.toBe(decodeJwt(two).jti)
  })

  test('keeps its key: tokens from before a restart stay valid', async () => {
    const token = await (await open()).sign(grant)
    await expect((await verifierOf((await open()).jwksFile))(token)).resolves.toBeDefined()
  })

  test('agrees on one key when several processes start first at once', async () => {
    const issuers = await Promise.all(Array.from({ length: 8 }, () => open()))
    const verify = await verifierOf(join(directory, 'data/issuer/jwks.json'))
    for (const { sign } of issuers) await expect(verify(await sign(grant))).resolves.toBeDefined()
    expect((await readdir(join(directory, 'data/issuer'))).toSorted()).toEqual(['jwks.json', 'signing-key.json'])
  })

  test('keeps its private key to itself', async () => {
    const { jwksFile } = await open()
    const mode = async (file: string) => (await stat(join(directory, 'data', file))).mode & 0o777
    expect(await mode('issuer')).toBe(0o700)
    expect(await mode('issuer/signing-key.json')).toBe(0o600)
    expect(await readFile(jwksFile, 'utf8')).not.toContain('"d"')
  })

  test('refuses a key that others can read, or that is none, without repeating it', async () => {
    await open()
    const file = join(directory, 'data/issuer/signing-key.json')
    await chmod(file, 0o644)
    await expect(open()).rejects.toThrow(
      `${file}: other users can read the signing key; delete it to have a new one made`,
    )
    await chmod(file, 0o600)
    await writeFile(file, 'hunter2')
    await expect(open()).rejects.toThrow(`${file}: is not the signing key of the embedded issuer; delete it`)
    await expect(open()).rejects.not.toThrow('hunter2')
  })
})

describe('the command token', () => {
  const CONFIG = `
identity: { issuer: ${ISSUER}, audience: ${AUDIENCE}, algorithms: [ES256] }
sites: sites.yaml
systems:
  PARTS_LOGISTICS: { connector: { kind: embedded-postgres, schema: parts } }
  WHOLESALE_FINANCE: { connector: { kind: extracts, directory: x } }
  PRODUCTION_SCHEDULE: { connector: { kind: extracts, directory: x } }
recovery: { incident: INC-1, audience: "urn:gateway", journal: { kind: embedded } }
embedded: { directory: data }
`
  let file: string
  beforeEach(async () => {
    file = join(directory, 'gateway.yaml')
    await writeFile(file, CONFIG)
  })

  async function run(...args: string[]) {
    const io = createRecordedIo()
    return { code: await runToken(args, io), ...io.written }
  }

  test('prints a token with all that the sample partner is granted and nothing else, before any start', async () => {
    const { code, stdout, stderr } = await run('retailer', '--config', file)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/)
    const verify = await verifierOf(join(directory, 'data/issuer/jwks.json'), { ...clockAtNow(), now: systemClock.now })
    expect(await verify(stdout.trim())).toMatchObject({
      clientId: 'sample-retailer',
      scopes: new Set(['parts:read', 'orders:read', 'wholesale:read', 'restart:read']),
    })
    const { iat = 0, exp = 0 } = decodeJwt(stdout.trim())
    expect(exp - iat).toBe(3_600)
  })

  test('gives the lifetime that is asked for', async () => {
    const { stdout } = await run('retailer', '--lifetime', '90', '--config', file)
    const { iat = 0, exp = 0 } = decodeJwt(stdout.trim())
    expect(exp - iat).toBe(90)
  })

  test.each([
    [[]],
    [['dealer']],
    [['retailer', 'supplier']],
    [['retailer', '--lifetime', '1h']],
    [['retailer', '--lifetime', '0']],
    [['retailer', '--admin']],
  ])('bad usage %j is explained on standard error alone', async args => {
    const { code, stdout, stderr } = await run(...args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/\nSee: recovery-gateway token --help\n$/)
  })

  test('refuses where there is no embedded issuer or no configuration', async () => {
    const connector = '{ kind: extracts, directory: x }'
    const own = `keys: { file: k, sha256: ${'ab'.repeat(32)} }, signingKey: k, checkpoints: { file: c }, journal`
    const text = CONFIG.replace('[ES256] }', '[ES256], keys: { url: https://id.example/keys } }')
      .replace('journal: { kind: embedded }', `${own}: { kind: postgres, connectionString: "postgres://a@db/journal" }`)
      .replace(/embedded: { directory.*/, '')
      .replace(/\{ kind: embedded.* \} \}/, `${connector} }`)
    await writeFile(file, text)
    expect(await run('retailer', '--config', file)).toEqual({
      code: 3,
      stdout: '',
      stderr: `${file}: has no section embedded, so the gateway has no issuer of its own; ask ${ISSUER} for a token\n`,
    })
    expect(await run('retailer', '--config', '/nowhere.yaml')).toMatchObject({ code: 3, stdout: '' })
  })
})
