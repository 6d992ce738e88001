import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { EMBEDDED_CONFIG_FILE } from '../../src/config/embedded.ts'
import { type Config, loadConfig } from '../../src/config/load-config.ts'
import { assertConfigurationKept, permissionProblems } from '../../src/self-test/file-permissions.ts'
import { namedFiles } from '../../src/self-test/named-files.ts'

const isRoot = process.getuid?.() === 0
let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-files-'))
})
afterAll(() => rm(directory, { recursive: true }))

async function problemOf(mode: number, isSecret: boolean, owner?: number): Promise<string> {
  const file = join(directory, 'one')
  await writeFile(file, '')
  await chmod(file, mode)
  if (owner !== undefined) await chown(file, owner, owner)
  const problems = await permissionProblems([{ setting: 'the.setting', file, isSecret }])
  if (owner !== undefined) await rm(file)
  return problems.join('\n').replaceAll(directory, '')
}

describe('a private key', () => {
  test.each([0o600, 0o400, 0o700])('may have the mode %o: nobody else can use it', async mode => {
    expect(await problemOf(mode, true)).toBe('')
  })

  test.each([
    [0o644, '0644'],
    [0o640, '0640'],
    [0o660, '0660'],
    [0o604, '0604'],
    [0o602, '0602'],
    [0o620, '0620'],
    [0o777, '0777'],
  ])('that others can read or change is refused, with what mends it: %o', async (mode, text) => {
    expect(await problemOf(mode, true)).toBe(
      `the.setting: /one: has the mode ${text}, so other users can use the private key; run: chmod 0600 '/one'`,
    )
  })
})

test.each([
  [0o644, false],
  [0o664, false],
  [0o400, false],
  [0o646, true],
  [0o602, true],
  [0o777, true],
])('what the gateway trusts may be read by all and changed by no other: %o', async (mode, isRefused) => {
  expect(
    (await problemOf(mode, false)).includes('so any user can change what the gateway trusts; run: chmod o-w'),
  ).toBe(isRefused)
})

describe('a file of another user (needs root)', () => {
  const ifRoot = isRoot ? test : test.skip
  ifRoot('holds no key of the gateway, whatever its mode', async () => {
    expect(await problemOf(0o600, true, 4_711)).toContain(
      'belongs to the user 4711, who can use the private key; run: chown 0',
    )
  })

  ifRoot("of root's, mounted for a group of the gateway's user, is a secret as Kubernetes gives it", async () => {
    const asUser = jest.spyOn(process as Required<NodeJS.Process>, 'getuid').mockReturnValue(4_711)
    try {
      expect(await problemOf(0o440, true)).toBe('')
      expect(await problemOf(0o400, true)).toBe('')
      expect(await problemOf(0o444, true)).toContain('run: chmod 0440')
      expect(await problemOf(0o460, true)).toContain('run: chmod 0440')
    } finally {
      asUser.mockRestore()
    }
  })
})

test('a file that is not there is not reported here: whoever reads it says so', async () => {
  expect(await permissionProblems([{ setting: 'a', file: join(directory, 'none'), isSecret: true }])).toEqual([])
})

test('the configuration itself must not be changed by others', async () => {
  const file = join(directory, 'config.yaml')
  await writeFile(file, '')
  await chmod(file, 0o644)
  await assertConfigurationKept(file)
  await chmod(file, 0o666)
  await expect(assertConfigurationKept(file)).rejects.toThrow(
    `configuration: ${file}: has the mode 0666, so any user can change what the gateway trusts; run: chmod o-w '${file}'`,
  )
})

test('every file with a private key, of keys that are trusted and of trusted documents is looked at', async () => {
  const embedded = await loadConfig(EMBEDDED_CONFIG_FILE, {})
  const tls = (name: string) => ({ ca: `${name}.ca`, cert: `${name}.cert`, key: `${name}.key` })
  const server = {
    kind: 'postgres',
    tls: tls('parts'),
  } as unknown as Config['systems']['PARTS_LOGISTICS']['connectors'][0]
  const { PARTS_LOGISTICS: system } = embedded.systems
  const config = {
    ...embedded,
    identity: { ...embedded.identity, keys: { kind: 'discovery', tls: tls('issuer') } },
    listen: { ...embedded.listen, tls: { cert: 'listen.cert', key: 'listen.key', clientCa: 'listen.ca' } },
    recovery: {
      ...embedded.recovery,
      keys: { file: 'ring', sha256: null },
      signingKey: 'own.key',
      journal: { kind: 'postgres', tls: tls('journal') },
    },
    sharedStore: { tls: tls('store') },
    trustedDocuments: { ...embedded.trustedDocuments, manifests: [{ file: 'manifest' }] },
    sites: 'sites',
    systems: { ...embedded.systems, PARTS_LOGISTICS: { ...system, connectors: [server, server] } },
  } as unknown as Config
  const files = namedFiles(config)
  const named = (isSecret: boolean) => [
    ...new Set(files.filter(file => file.isSecret === isSecret).map(({ file }) => file)),
  ]
  expect(named(true).toSorted()).toEqual(
    ['own.key', 'issuer.key', 'listen.key', 'journal.key', 'store.key', 'parts.key'].toSorted(),
  )
  expect(named(false)).toEqual(
    expect.arrayContaining(['ring', 'manifest', 'sites', 'issuer.ca', 'listen.ca', 'parts.cert']),
  )
  expect(files.find(({ file }) => file === 'parts.key')?.setting).toBe('systems.PARTS_LOGISTICS.connectors[0].tls.key')
})
