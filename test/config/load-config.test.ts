// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to the environment are written like this
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { EMBEDDED_CONFIG_FILE } from '../../src/config/embedded.ts'
import type { Environment } from '../../src/config/environment.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { readRestartSettings } from '../../src/config/restart-settings.ts'
import type { RestartSettings } from '../../src/recovery/settings.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'config-'))
})
afterAll(() => rm(directory, { recursive: true }))

const VALID = `
identity:
  issuer: https://id.example
  audience: https://gateway.example
  algorithms: [ES256]
  keys: { url: https://id.example/keys }
sites: sites.yaml
systems:
  PARTS_LOGISTICS: { connector: { kind: postgres, connectionString: "postgres://reader:s3cret@db/parts", schema: parts } }
  WHOLESALE_FINANCE: { connector: { kind: extracts, directory: extracts } }
  PRODUCTION_SCHEDULE: { deadlineMs: 750, connector: { kind: extracts, directory: extracts } }
recovery:
  incident: INC-2025-0901
  audience: urn:gateway
  keys: { file: keys.jwks.json, sha256: ${'ab'.repeat(32)} }
  signingKey: /etc/gateway/signing-key.jwk.json
  journal: { kind: postgres, connectionString: "postgres://journal:s3cret@db/journal" }
  checkpoints: { file: checkpoints.jws }
`
const EMBEDDED = `${VALID.replace(/\n {2}keys:.*/g, '')
  .replace(/\n {2}signingKey:.*/, '')
  .replace(/\n {2}checkpoints:.*/, '')
  .replace(/journal: .*/, 'journal: { kind: embedded }')
  .replace('{ kind: extracts, directory: extracts }', '{ kind: embedded-postgres, schema: finance }')}\
embedded: { directory: data }
`

async function load(text: string, environment: Environment = {}) {
  const file = join(directory, 'gateway.yaml')
  await writeFile(file, text)
  return loadConfig(file, environment)
}

/** The error's lines, without the directory of the file. */
async function problemsOf(text: string, environment: Environment = {}): Promise<readonly string[]> {
  const error = await load(text, environment).then(
    () => new Error('no problem'),
    (thrown: Error) => thrown,
  )
  return error.message.replaceAll(`${directory}/`, '').split('\n')
}

test('the embedded default is valid as it stands, and PORT and ADMIN_PORT move its ports', async () => {
  expect((await loadConfig(EMBEDDED_CONFIG_FILE, {})).listen).toMatchObject({ port: 4000, adminPort: 4001 })
  const config = await loadConfig(EMBEDDED_CONFIG_FILE, { PORT: '5000', ADMIN_PORT: '' })
  expect(config.listen).toEqual({ host: '127.0.0.1', port: 5000, adminHost: '127.0.0.1', adminPort: 4001 })
  expect(config.systems.WHOLESALE_FINANCE.connectors).toEqual([
    { kind: 'embedded-postgres', schema: 'wholesale_finance' },
  ])
  expect(config.identity.keys).toEqual({ kind: 'file', file: expect.stringMatching(/\/\.data\/issuer\/jwks\.json$/) })
})

test('paths are relative to the directory of the file, and defaults are filled in', async () => {
  const config = await load(VALID)
  expect(config.sites).toBe(join(directory, 'sites.yaml'))
  expect(config.recovery.signingKey).toBe('/etc/gateway/signing-key.jwk.json')
  expect(config.recovery.checkpoints).toEqual({
    file: join(directory, 'checkpoints.jws'),
    everyEntries: 100,
    everySeconds: 60,
  })
  expect(config.recovery.journal).toMatchObject({ kind: 'postgres', schema: 'recovery_journal' })
  expect(config.recovery.policy).toEqual({
    attestationMaxHours: 12,
    backupMarginHours: 24,
    limitedOpenHours: 24,
    feedSilentHours: 24,
    errorRatePercent: 5,
    backlogLimit: 100,
    journalSilenceSeconds: 300,
    clockSkewSeconds: 60,
  })
  expect(config.systems.WHOLESALE_FINANCE.connectors).toEqual([
    {
      kind: 'extracts',
      directory: join(directory, 'extracts'),
      refreshSeconds: 30,
    },
  ])
  expect(config.systems.PARTS_LOGISTICS.deadlineMs).toBe(2_000)
  expect(config.limits.requestTimeoutMs).toBe(8_000)
  expect(config.identity.keys).toMatchObject({ kind: 'url', url: 'https://id.example/keys', cooldownSeconds: 30 })
})

test('the configuration cannot be changed after it is loaded', async () => {
  const config = await load(VALID)
  expect(() => Object.assign(config.systems.PARTS_LOGISTICS, { deadlineMs: 1 })).toThrow(TypeError)
  expect(() => Object.assign(config.identity.algorithms, ['none'])).toThrow(TypeError)
})

describe('references to the environment', () => {
  const named = (value: string) => VALID.replace('sites: sites.yaml', () => `sites: ${value}`)
  test.each([
    ['${A}', { A: 'a.yaml' }, 'a.yaml'],
    ['${A}/${B:-b}.yaml', { A: 'a' }, 'a/b.yaml'],
    ['${A:-b.yaml}', { A: '' }, 'b.yaml'],
    ['$${A}.yaml', { A: 'a' }, '${A}.yaml'],
    ["'${A}'", { A: 'a: {b: c}' }, 'a: {b: c}'],
    ['${A}', { A: '${B}' }, '${B}'],
  ])('%s is expanded once, and only ever as text', async (value, environment, expected) => {
    expect((await load(named(value), environment)).sites).toBe(join(directory, expected))
  })

  test.each([
    ['${A}', 'gateway.yaml: sites: the environment variable A is not set; set it, or write ${A:-default}'],
    [
      '${toString}',
      'gateway.yaml: sites: the environment variable toString is not set; set it, or write ${toString:-default}',
    ],
    ['${A', 'gateway.yaml: sites: is not a reference to the environment; write ${NAME} or ${NAME:-default}'],
    ['${A-b}', 'gateway.yaml: sites: is not a reference to the environment; write ${NAME} or ${NAME:-default}'],
  ])('%s is one problem that says what to do', async (value, expected) => {
    expect(await problemsOf(named(value))).toEqual([expected])
  })

  test('a switch may come from the environment', async () => {
    const text = `${VALID}federation: { enabled: "${'${FEDERATION:-false}'}" }`
    expect((await load(text)).federation.enabled).toBe(false)
    expect((await load(text, { FEDERATION: 'true' })).federation.enabled).toBe(true)
    const problem = 'is not valid as the environment variable FEDERATION gives it; must be true or false'
    expect(await problemsOf(text, { FEDERATION: 'yes' })).toEqual([`gateway.yaml: federation.enabled: ${problem}`])
  })

  test('a value from the environment is never repeated in an error', async () => {
    const text = VALID.replace('deadlineMs: 750', 'deadlineMs: "${DEADLINE}"')
    expect(await problemsOf(text, { DEADLINE: 'hunter2' })).toEqual([
      'gateway.yaml: systems.PRODUCTION_SCHEDULE.deadlineMs: is not valid as the environment variable DEADLINE gives it; ' +
        'must be a whole number from 10 to 60000 (milliseconds)',
    ])
  })
})

/** What is changed in the valid file, and the lines that must come out. */
const WEBHOOK = '{ id: dms, partner: BPNL00000R000121, url: "https://dms.example/", secretFiles: [secret] }'

const BROKEN: readonly (readonly [what: string, change: (text: string) => string, ...lines: string[]])[] = [
  ['an empty file', () => '', 'gateway.yaml: is empty; must be a mapping'],
  ['a list', () => '- a', 'gateway.yaml: is a list; must be a mapping'],
  ['an open quote', () => 'a: "b\nc: d', 'gateway.yaml:2:5: Missing closing "quote'],
  ['a repeated key', text => `${text}sites: other.yaml`, 'gateway.yaml:19:1: Map keys must be unique'],
  ['a tag', () => 'a: !!js/function hunter2', 'gateway.yaml:1:4: Unresolved tag'],
  [
    'a circular alias',
    () => 'a: &a [*a]',
    'gateway.yaml: has an alias that is unknown or circular, or too many aliases',
  ],
  ['two documents', () => '--- 1\n--- 2', 'gateway.yaml:2:1: Source contains multiple documents'],
  [
    'a misspelt setting',
    text => text.replace('deadlineMs', 'dedlineMs'),
    'gateway.yaml: systems.PRODUCTION_SCHEDULE.dedlineMs: is not a setting; allowed here: deadlineMs, shield, connector, connectors',
  ],
  [
    'a setting named __proto__',
    text => `${text}__proto__: { sites: x }`,
    'gateway.yaml: __proto__: is not a setting; allowed here: listen, identity, sites, systems, recovery, sharedStore, lastKnownGood, fieldCache, ' +
      'responseCache, warmUp, persistedQueries, trustedDocuments, federation, documents, limits, admission, statusPage, webhooks, selfTest, log, traces, accessLog, embedded',
  ],
  [
    'a deadline of nothing',
    text => text.replace('750', '0'),
    'gateway.yaml: systems.PRODUCTION_SCHEDULE.deadlineMs: is 0; must be a whole number from 10 to 60000 (milliseconds)',
  ],
  [
    'a ramp that begins above its cap',
    text => text.replace('deadlineMs: 750', 'shield: { concurrency: { start: 11 } }'),
    'gateway.yaml: systems.PRODUCTION_SCHEDULE.shield.concurrency.start: is 11; must be at most cap',
  ],
  [
    'a call that is slow after its deadline',
    text => text.replace('deadlineMs: 750', 'deadlineMs: 750, shield: { slowMs: 750 }'),
    'gateway.yaml: systems.PRODUCTION_SCHEDULE.shield.slowMs: is 750; must be less than deadlineMs of the system, which is 750',
  ],
  [
    'a deadline beyond the request',
    text => text.replace('750', '8000'),
    'gateway.yaml: systems.PRODUCTION_SCHEDULE.deadlineMs: is 8000; must be less than limits.requestTimeoutMs, which is 8000',
  ],
  [
    'half a port',
    text => `${text}listen: { port: 80.5 }`,
    'gateway.yaml: listen.port: is 80.5; must be a whole number from 0 to 65535',
  ],
  [
    'one port for two',
    text => `${text}listen: { port: 4001 }`,
    'gateway.yaml: listen.adminPort: is 4001; must be another port than listen.port',
  ],
  [
    'a missing system',
    text => text.replace(/ {2}WHOLESALE.*\n/, ''),
    'gateway.yaml: systems.WHOLESALE_FINANCE: is missing; must be a mapping',
  ],
  [
    'an unknown kind of connector',
    text => text.replace('kind: postgres', 'kind: mongo'),
    'gateway.yaml: systems.PARTS_LOGISTICS.connector.kind: is "mongo"; must be one of embedded-postgres, postgres, odata, extracts',
  ],
  [
    'a setting of another connector',
    text => text.replace('schema: parts', 'schema: parts, directory: x'),
    'gateway.yaml: systems.PARTS_LOGISTICS.connector.directory: is not a setting; allowed here: kind, connectionString, ' +
      'tls, schema, freshness, relations, poolSize, connectTimeoutMs',
  ],
  [
    'a connection string that is none',
    text => text.replace('postgres://reader:s3cret@db/parts', 'host=db password=s3cret'),
    'gateway.yaml: systems.PARTS_LOGISTICS.connector.connectionString: is not valid; must be postgres://user:password@host:port/database',
  ],
  [
    'a shared-secret algorithm',
    text => text.replace('[ES256]', '[HS256]'),
    'gateway.yaml: identity.algorithms[0]: is "HS256"; must be one of ES256, ES384, ES512, EdDSA, Ed25519, PS256, PS384, ' +
      'PS512, RS256, RS384, RS512',
  ],
  [
    'no algorithm',
    text => text.replace('[ES256]', '[]'),
    'gateway.yaml: identity.algorithms: is a list; must have at least 1 entries',
  ],
  [
    'keys over plain http',
    text => text.replace('https://id.example/keys', 'http://id.example/keys'),
    'gateway.yaml: identity.keys.url: is "http://id.example/keys"; must be an https URL without user, password and fragment ' +
      '(http only to a loopback address)',
  ],
  [
    'a webhook over plain http, to nobody, and unsigned',
    text => `${text}webhooks: { endpoints: [{ id: DMS, partner: x, url: 'http://dms.example/', secretFiles: [] }] }\n`,
    'gateway.yaml: webhooks.endpoints[0].id: is "DMS"; must be a name of lower case letters, digits and hyphens, at most 63 of them',
    'gateway.yaml: webhooks.endpoints[0].partner: is "x"; must be a BPNL (CX-0010): BPNL and 12 letters or digits',
    'gateway.yaml: webhooks.endpoints[0].url: is "http://dms.example/"; must be an https URL without user, password and fragment ' +
      '(http only to a loopback address)',
    'gateway.yaml: webhooks.endpoints[0].secretFiles: is a list; must have at least 1 entries',
  ],
  [
    'two webhooks of one name',
    text => `${text}webhooks: { endpoints: [${WEBHOOK}, ${WEBHOOK}] }\n`,
    'gateway.yaml: webhooks.endpoints[1].id: dms is that of entry [0] already; each may stand there once',
  ],
  [
    'webhooks whose document is deeper than any may be',
    text => `${text}webhooks: { endpoints: [${WEBHOOK}] }\ndocuments: { maxDepth: 4 }\n`,
    'gateway.yaml: documents.maxDepth: is 4; must be at least 5, so that what webhooks say can be asked',
  ],
  [
    'keys from two places',
    text => text.replace('{ url:', '{ file: jwks.json, url:'),
    'gateway.yaml: identity.keys: has both file and url; allowed: exactly one of them',
  ],
  [
    'keys that are asked for sooner than they may be',
    text => text.replace('/keys }', '/keys, cooldownSeconds: 600, refreshSeconds: 599 }'),
    'gateway.yaml: identity.keys.cooldownSeconds: is 600; must be at most identity.keys.refreshSeconds, which is 599',
  ],
  [
    'keys that are forgotten before they are asked for again',
    text => text.replace('/keys }', '/keys, keepSeconds: 599 }'),
    'gateway.yaml: identity.keys.refreshSeconds: is 600; must be at most identity.keys.keepSeconds, which is 599',
  ],
  [
    'keys from nowhere',
    text => text.replace(/\n {2}keys:.*/g, ''),
    'gateway.yaml: identity.keys: is missing; must have file, url or discovery: the public keys of the issuer',
    'gateway.yaml: recovery.keys: is missing; must have file and sha256, the public keys of all who sign',
  ],
  [
    'pinned keys without their digest',
    text => text.replace(/, sha256: \w+/, ''),
    'gateway.yaml: recovery.keys.sha256: is missing; must be a SHA-256 digest in hexadecimal (sha256sum prints it)',
  ],
  [
    'a gateway without a key of its own, and no place for its checkpoints',
    text => text.replace(/\n {2}(signingKey|checkpoints):.*/g, ''),
    "gateway.yaml: recovery.signingKey: is missing; must be a file with the gateway's own private key",
    'gateway.yaml: recovery.checkpoints.file: is missing; must be a file to write checkpoints to',
  ],
  [
    'an incident that no statement can name',
    text => text.replace('INC-2025-0901', 'the incident'),
    'gateway.yaml: recovery.incident: is "the incident"; must be a reference of at most 80 letters, digits, dots, hyphens and ' +
      'underscores, such as INC-2025-0901',
  ],
  [
    'a policy without a margin that is a number',
    text => `${text}  policy: { backupMarginHours: P1D }`,
    'gateway.yaml: recovery.policy.backupMarginHours: is "P1D"; must be a whole number from 0 to 8760 (hours)',
  ],
  [
    'the settings of before: partners and the restart in files',
    text =>
      text.replace('sites:', 'restart: restart.yaml\nsites:').replace('issuer:', 'partners: partners.yaml\n  issuer:'),
    'gateway.yaml: identity.partners: is not a setting; allowed here: issuer, audience, algorithms, keys, clockSkewSeconds, knownTokens, publicUrl, dpop, clientCertificate',
    'gateway.yaml: restart: is not a setting; allowed here: listen, identity, sites, systems, recovery, sharedStore, lastKnownGood, fieldCache, ' +
      'responseCache, warmUp, persistedQueries, trustedDocuments, federation, documents, limits, admission, statusPage, webhooks, selfTest, log, traces, accessLog, embedded',
  ],
  [
    'a switch that is neither on nor off',
    text => `${text}federation: { enabled: 1 }`,
    'gateway.yaml: federation.enabled: is 1; must be true or false',
  ],
  [
    'an unknown log level',
    text => `${text}log: { level: verbose }`,
    'gateway.yaml: log.level: is "verbose"; must be one of error, warn, info, debug',
  ],
  [
    'an embedded system without the section embedded',
    text => text.replace('kind: extracts, directory: extracts', 'kind: embedded-postgres, schema: finance'),
    'gateway.yaml: systems.WHOLESALE_FINANCE.connector.kind: embedded-postgres needs the section embedded, which says where ' +
      'its data is kept',
  ],
  [
    'last answers shared without a shared store',
    text => `${text}lastKnownGood: { store: shared }\n`,
    'gateway.yaml: lastKnownGood.store: is shared; needs the section sharedStore',
  ],
  [
    'last answers in a file that nobody names',
    text => `${text}lastKnownGood: { store: sqlite }\n`,
    'gateway.yaml: lastKnownGood.file: is missing; must be the file of the store sqlite',
  ],
  [
    'a file for last answers that are kept in memory',
    text => `${text}lastKnownGood: { file: last.sqlite }\n`,
    'gateway.yaml: lastKnownGood.file: cannot stand beside the store memory, which has no file',
  ],
  [
    'a journal in the process without the section embedded',
    text => text.replace(/journal: .*/, 'journal: { kind: embedded }'),
    'gateway.yaml: recovery.journal.kind: embedded needs the section embedded, which says where its data is kept',
  ],
  [
    'the journal of a site beside the section embedded, whose sample statements would go into it',
    () => EMBEDDED.replace('kind: embedded }', 'kind: postgres, connectionString: "postgres://a@db/journal" }'),
    'gateway.yaml: recovery.journal.kind: is postgres; must be embedded beside the section embedded, whose first start writes ' +
      'sample statements',
  ],
  [
    'keys beside the embedded issuer, which signs with another algorithm',
    () => EMBEDDED.replace('[ES256]', '[EdDSA]\n  keys: { file: keys.json }'),
    'gateway.yaml: identity.keys: cannot stand beside the section embedded, whose issuer makes its own keys; leave one of them out',
    'gateway.yaml: identity.algorithms: must include ES256, with which the issuer of the section embedded signs',
  ],
  [
    'pinned keys beside the sample keys',
    () => EMBEDDED.replace('  journal:', `  keys: { file: k.json, sha256: ${'cd'.repeat(32)} }\n  journal:`),
    'gateway.yaml: recovery.keys: cannot stand beside the section embedded, which makes its own; leave one of them out',
  ],
  [
    'three mistakes',
    text => text.replace('750', 'soon').replace('sites: sites.yaml', 'sites: []').replace('audience:', 'audiences:'),
    'gateway.yaml: identity.audience: is missing; must be text of 1 to 400 characters on one line',
    'gateway.yaml: identity.audiences: is not a setting; allowed here: issuer, audience, algorithms, keys, clockSkewSeconds, knownTokens, publicUrl, dpop, clientCertificate',
    'gateway.yaml: sites: is a list; must be a path, relative to the directory of this file',
    'gateway.yaml: systems.PRODUCTION_SCHEDULE.deadlineMs: is "soon"; must be a whole number from 10 to 60000 (milliseconds)',
  ],
]

describe('a broken file is refused with every problem, its place and what is allowed', () => {
  test.each(BROKEN)('%s', async (_, change, ...lines) => {
    expect(await problemsOf(change(VALID))).toEqual(lines)
  })

  test('no such file', async () => {
    await expect(loadConfig('/nowhere/gateway.yaml', {})).rejects.toThrow(
      '/nowhere/gateway.yaml: cannot be read: there is no such file',
    )
  })
})

test('the section embedded needs no keys and no files: it has them made in its directory', async () => {
  const { identity, recovery } = await load(EMBEDDED)
  expect(identity.keys).toEqual({ kind: 'file', file: join(directory, 'data/issuer/jwks.json') })
  expect(recovery.keys).toEqual({ file: join(directory, 'data/operators/keys.jwks.json'), sha256: null })
  expect(recovery.signingKey).toBe(join(directory, 'data/gateway/signing-key.jwk.json'))
  expect(recovery.checkpoints.file).toBe(join(directory, 'data/gateway/checkpoints.jws'))
})

test('the section recovery is what the restart is set up with', async () => {
  // Held by the compiler: the two are declared apart, because neither may import the other.
  const settings: RestartSettings = await readRestartSettings((await load(VALID)).recovery)
  expect(settings.keys).toEqual({ file: join(directory, 'keys.jwks.json'), sha256: 'ab'.repeat(32) })
})

test('a URL that is refused for the password in it is not repeated', async () => {
  const text = VALID.replace('https://id.example/keys', 'https://gateway:s3cret@id.example/keys')
  expect(text).not.toBe(VALID)
  expect((await problemsOf(text)).join()).toMatch(/identity\.keys\.url: is not valid; must be an https URL/)
})

test('whatever is wrong with a connection string, no error repeats it', async () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9]{8,20}$/)
  await fc.assert(
    fc.asyncProperty(
      secret,
      fc.constantFrom('postgre://u:S@h/d', 'S', 'password=S', ' S', 'postgres://S'),
      async (s, form) => {
        const text = VALID.replace('postgres://reader:s3cret@db/parts', form.replace('S', s))
        expect((await problemsOf(text)).join('\n')).not.toContain(s)
      },
    ),
    { numRuns: 60 },
  )
})
