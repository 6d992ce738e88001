import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { EMBEDDED_CONFIG_FILE } from '../../src/config/embedded.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { readRecoverySection } from '../../src/config/recovery-section.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-section-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

async function read(text: string, environment = {}) {
  const file = join(directory, 'gateway.yaml')
  await writeFile(file, text)
  return readRecoverySection(file, environment)
}

const SERVER = `
identity: { issuer: '\${ISSUER}', keys: { url: '\${JWKS}' } }
systems: { PARTS_LOGISTICS: { connector: { kind: postgres, connectionString: '\${PARTS_DATABASE}' } } }
recovery:
  incident: '\${INCIDENT}'
  audience: urn:gateway
  keys: { file: keys.json, sha256: ${'a'.repeat(64)} }
  signingKey: '\${GATEWAY_KEY}'
  journal: { kind: postgres, connectionString: '\${JOURNAL_DATABASE}' }
  checkpoints: { file: kept/checkpoints }
  policy: { attestationMaxHours: 8 }
`

describe('the section that people sign and verify by', () => {
  test('needs no variable but its own: none of the server’s secrets', async () => {
    const section = await read(SERVER, { INCIDENT: 'INC-1' })
    expect(section).toMatchObject({
      incident: 'INC-1',
      audience: 'urn:gateway',
      keys: { file: join(directory, 'keys.json'), sha256: 'a'.repeat(64) },
      checkpointsFile: join(directory, 'kept/checkpoints'),
      embeddedDirectory: null,
      policy: { attestationMaxHours: 8, clockSkewSeconds: 60 },
    })
    expect(JSON.stringify(section)).not.toContain('GATEWAY_KEY')
  })

  test('says what is wrong with it, each by its place, and nothing of the rest', async () => {
    await expect(read(SERVER)).rejects.toThrow(
      /^\S+gateway\.yaml: recovery\.incident: the environment variable INCIDENT is not set[^\n]*$/,
    )
    const wrong = SERVER.replace('attestationMaxHours: 8', 'attestationMaxHours: 0, wish: 1')
    await expect(read(wrong, { INCIDENT: 'INC-1' })).rejects.toThrow(
      /policy\.attestationMaxHours: .*\n.*policy\.wish: is not a setting/,
    )
  })

  test.each([
    ['recovery: { incident: a, audience: b }', 'recovery.keys: is missing; must have file and sha256'],
    ['listen: {}', 'recovery: is missing; must be a mapping'],
    ['- a', 'must be a mapping'],
    ['recovery: []', 'recovery: is a list; must be a mapping'],
  ])('%j is refused', async (text, problem) => {
    await expect(read(text)).rejects.toThrow(problem)
  })

  test('of the embedded default is that of the whole configuration', async () => {
    const { recovery, embedded } = await loadConfig(EMBEDDED_CONFIG_FILE, {})
    const { incident, audience, policy, keys, checkpoints } = recovery
    expect(await readRecoverySection(EMBEDDED_CONFIG_FILE, {})).toEqual({
      incident,
      audience,
      policy,
      keys,
      checkpointsFile: checkpoints.file,
      embeddedDirectory: embedded?.directory,
    })
  })
})
