import { execFileSync, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createAuthority } from '../support/certificates.ts'

/** `deploy/docker/prepare.sh`, run again after files were brought or taken away. */

const SCRIPT = fileURLToPath(new URL('../../deploy/docker/prepare.sh', import.meta.url))

let site: string
beforeEach(() => {
  site = join(mkdtempSync(join(tmpdir(), 'recovery-gateway-prepare-')), 'site')
})
afterEach(() => rmSync(join(site, '..'), { recursive: true, force: true }))

function prepare() {
  const { status, stderr } = spawnSync(SCRIPT, [site], { encoding: 'utf8' })
  return { status, stderr }
}
const text = (name: string) => readFileSync(join(site, name), 'utf8')
const remove = (...names: readonly string[]) => {
  for (const name of names) rmSync(join(site, name))
}
const certificatesIn = (name: string) => text(name).match(/BEGIN CERTIFICATE/g)?.length

/** Whether the gateway, which trusts `ca.pem`, takes the certificate of a store. */
function isTrusted(name: string): boolean {
  return spawnSync('openssl', ['verify', '-CAfile', join(site, 'ca.pem'), join(site, `${name}.pem`)]).status === 0
}

describe('the authorities', () => {
  test.each(['systems-ca.pem', 'ca.pem'])(
    'of the systems, brought as %s before anything is made, stand beside that of the stores',
    async name => {
      const { cert } = await createAuthority('systems')
      mkdirSync(site)
      // As an editor may leave it.
      writeFileSync(join(site, name), cert.trimEnd())
      expect(prepare().stderr).not.toContain('ca.pem')
      expect(certificatesIn('ca.pem')).toBe(2)
      expect([text('ca.pem').includes(cert.trim()), isTrusted('journal'), isTrusted('valkey')]).toEqual([
        true,
        true,
        true,
      ])
    },
  )

  test('of the systems are asked for, and taken up when they are replaced', async () => {
    expect(prepare()).toEqual({ status: 1, stderr: expect.stringContaining(`\n  ${site}/systems-ca.pem\n`) })
    for (const name of ['first', 'second']) {
      const { cert } = await createAuthority(name)
      writeFileSync(join(site, 'systems-ca.pem'), cert)
      prepare()
      expect([certificatesIn('ca.pem'), text('ca.pem').includes(cert.trim())]).toEqual([2, true])
    }
  })
})

describe('a certificate', () => {
  beforeEach(async () => {
    mkdirSync(site)
    writeFileSync(join(site, 'systems-ca.pem'), (await createAuthority('systems')).cert)
    prepare()
  })

  test('that was taken away with its key is made anew, and the other stays', () => {
    const [journal, valkey] = [text('journal.pem'), text('valkey.pem')]
    remove('journal.pem', 'secrets/journal.key.pem')
    prepare()
    expect([text('journal.pem') === journal, text('valkey.pem') === valkey]).toEqual([false, true])
    expect(isTrusted('journal')).toBe(true)
    const publicKey = (...args: readonly string[]) => execFileSync('openssl', args, { encoding: 'utf8' })
    expect(publicKey('x509', '-in', join(site, 'journal.pem'), '-noout', '-pubkey')).toBe(
      publicKey('pkey', '-in', join(site, 'secrets/journal.key.pem'), '-pubout'),
    )
  })

  test('cannot be made where the key of the authority is elsewhere, which is said', () => {
    const key = join(site, 'secrets/stores-ca.key.pem')
    copyFileSync(key, join(site, '../elsewhere'))
    remove('secrets/stores-ca.key.pem')
    expect(prepare().stderr).not.toContain('stores-ca')
    remove('journal.pem')
    expect(prepare()).toEqual({
      status: 1,
      stderr: expect.stringContaining(`${site}/journal.pem cannot be made without ${key}: bring that back`),
    })
    copyFileSync(join(site, '../elsewhere'), key)
    prepare()
    expect(isTrusted('journal')).toBe(true)
  })

  test('is made anew with the authority that it is of', () => {
    remove('stores-ca.pem', 'secrets/stores-ca.key.pem')
    prepare()
    expect([isTrusted('journal'), isTrusted('valkey'), certificatesIn('ca.pem')]).toEqual([true, true, 2])
  })
})

test.each([
  ['secrets/valkey-users.acl', 'secrets/shared-store-url', / >(\w+) /, /gateway:(\w+)@/],
  ['secrets/shared-store-url', 'secrets/valkey-users.acl', /gateway:(\w+)@/, / >(\w+) /],
  ['secrets/journal-writer-password', 'secrets/journal-database-url', /(\w+)/, /journal_writer:(\w+)@/],
])('%s is made anew with the one that has the same password, %s', (taken, other, ofTaken, ofOther) => {
  prepare()
  const before = text(taken)
  remove(taken)
  prepare()
  expect(text(taken)).not.toBe(before)
  expect(ofTaken.exec(text(taken))?.[1]).toBe(ofOther.exec(text(other))?.[1])
})

test('the secrets of webhooks are made the gateway’s own, as many as there are', () => {
  prepare()
  const files = ['webhook-a', 'webhook-b'].map(name => join(site, 'secrets', name))
  for (const file of files) writeFileSync(file, 'whsec_', { mode: 0o644 })
  prepare()
  const own = statSync(join(site, 'secrets/journal-database-url'))
  for (const file of files) {
    const { uid, gid, mode } = statSync(file)
    expect([uid, gid, mode & 0o777]).toEqual([own.uid, own.gid, 0o400])
  }
})

test('what is there already is left as it is', () => {
  prepare()
  const names = [
    'journal.pem',
    'valkey.pem',
    'stores-ca.pem',
    'secrets/valkey-users.acl',
    'secrets/journal-database-url',
  ]
  const before = names.map(text)
  prepare()
  expect(names.map(text)).toEqual(before)
  expect(existsSync(join(site, 'journal.csr.pem'))).toBe(false)
})
