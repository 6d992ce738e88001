import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { embeddedKeyRingFile } from '../../src/config/embedded.ts'
import { StatementRefusal } from '../../src/recovery/statements/refusal.ts'
import { AUDIENCE, sampleClaims } from '../recovery/statements/sample.ts'
import { serverConfiguration } from '../support/server-configuration.ts'
import { claimsOf, GUARDS, type Operators, startOperators } from './operators.ts'

let operators: Operators
let claims: string
beforeAll(async () => {
  operators = await startOperators()
  claims = join(operators.directory, 'claims.json')
  await writeFile(claims, JSON.stringify(sampleClaims('incident-fact')))
})
afterAll(() => operators.close())
beforeEach(() => {
  operators.script.refusal = null
  operators.rows.length = 0
})

const SIGN = ['statement', 'sign', '--kind', 'incident-fact'] as const

describe('signing', () => {
  test('prints one token and nothing else, which the gateway accepts', async () => {
    const signed = await operators.run([...SIGN, '--claims', claims, '--yes'])
    expect(signed.stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/)
    const { code, stdout } = await operators.run(['statement', 'submit', '-'], { stdin: async () => signed.stdout })
    expect([code, stdout]).toMatchObject([
      0,
      expect.stringMatching(/^Accepted: incident-fact [0-9a-f-]{36} is entry 1 of the journal/),
    ])
    expect(operators.rows.map(({ statement }) => statement)).toEqual([signed.stdout.trim()])
  })

  test('takes claims as YAML from standard input, and a lifetime', async () => {
    const yaml =
      'sub: urn:incident:INC-2025-0901\nearliest_intrusion_at: 2025-08-25T00:00:00Z\nrevision: 2\nconfidence: HIGH\n'
    const args = [...SIGN, '--claims', '-', '--lifetime', '60', '--yes', '--json']
    const { stdout } = await operators.run(args, { stdin: async () => yaml })
    const { statement } = JSON.parse(stdout)
    const payload = JSON.parse(Buffer.from(statement.split('.')[1], 'base64url').toString())
    expect(payload).toMatchObject({ revision: 2, earliest_intrusion_at: '2025-08-25T00:00:00Z' })
    expect(payload.exp - payload.iat).toBe(60)
  })

  test('shows whoever is asked what will be signed, by whom and until when, and takes no for an answer', async () => {
    let asked = ''
    const ask = async (question: string) => {
      asked = question
      return false
    }
    const { code, stdout, stderr } = await operators.run([...SIGN, '--claims', claims], { ask })
    expect([code, stdout, asked]).toEqual([1, '', 'Sign? [y/N] '])
    expect(stderr).toMatch(
      /^Statement {4}incident-fact\nAbout {8}urn:incident:INC-2025-0901\nSigned by {4}Ingrid Vasquez-Thorne \(FORENSICS_LEAD\), key /,
    )
    expect(stderr).toMatch(/^Valid until {2}\d{4}-.*Z$/m)
    expect(stderr).toContain('\n  revision: 1\n  confidence: MEDIUM\n')
    expect(stderr).toContain('Nothing was signed.\n')
  })

  test('refuses where nobody can be asked', async () => {
    const { code, stdout, stderr } = await operators.run([...SIGN, '--claims', claims])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^there is no terminal, so nobody can be asked: give --yes/)
  })

  test('says what is wrong with the claims before it asks', async () => {
    const file = join(operators.directory, 'wrong.yaml')
    await writeFile(file, 'sub: urn:incident:INC-2025-0901\nrevision: 0\nlevel: high\n')
    const ask = () => Promise.reject(new Error('asked'))
    const { code, stderr } = await operators.run([...SIGN, '--claims', file], { ask })
    expect(code).toBe(3)
    expect(stderr).toContain(`${file}: revision: is 0; must`)
    expect(stderr).toContain(`${file}: confidence: is missing`)
    expect(stderr).toContain(`${file}: level: is not a claim`)
    expect(stderr).not.toContain('    at ')
  })

  test.each(['[]', 'text', ''])('refuses claims that are no mapping: %j', async text => {
    const { code, stderr } = await operators.run([...SIGN, '--claims', '-', '--yes'], { stdin: async () => text })
    expect([code, stderr]).toEqual([3, 'standard input: must be a mapping, in YAML or JSON\n'])
  })

  test('refuses a key that is not pinned, and one that others can read, and quotes neither', async () => {
    const file = join(operators.directory, 'stranger.json')
    await operators.run(['keys', 'new', '--role', 'FORENSICS_LEAD', '--name', 'Nobody', '--out', file])
    const unpinned = await operators.run([...SIGN, '--claims', claims, '--key', file, '--yes'])
    expect(unpinned).toMatchObject({ code: 3, stdout: '' })
    expect(unpinned.stderr).toMatch(
      /stranger\.json: its key [\w-]{43} is not among the pinned keys in .*keys\.jwks\.json\n$/,
    )

    const open = join(operators.directory, 'open.json')
    await writeFile(open, '{"d":"secret"}', { mode: 0o644 })
    const readable = await operators.run([...SIGN, '--claims', claims, '--key', open, '--yes'])
    expect(readable).toMatchObject({ code: 3, stdout: '' })
    expect(readable.stderr).not.toContain('secret')
  })

  test('needs none of the server’s secrets', async () => {
    const config = join(operators.directory, 'server.yaml')
    const pinned = embeddedKeyRingFile(operators.directory)
    const sha256 = createHash('sha256')
      .update(await readFile(pinned))
      .digest('hex')
    const server = serverConfiguration().replace(/keys: \{ file.*/, `keys: { file: '${pinned}', sha256: ${sha256} }`)
    await writeFile(config, server.replace(/postgres:[^']*/, `$\{JOURNAL_DATABASE}`).replace('urn:gateway', AUDIENCE))
    const key = operators.keyFile('FORENSICS_LEAD')
    const signed = await operators.run([...SIGN, '--claims', claims, '--key', key, '--config', config, '--yes'])
    expect(signed).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+\n$/) })
  })

  test.each([['--claims'], ['--key']])('%s that is not there is said in one wording', async option => {
    const file = join(operators.directory, 'nowhere')
    const { code, stderr } = await operators.run([...SIGN, '--claims', claims, option, file, '--yes'])
    expect([code, stderr]).toEqual([3, `${file}: cannot be read: there is no such file\n`])
  })

  test('offers nobody what only the gateway signs, nor its role', async () => {
    const { stdout } = await operators.run(['statement', 'sign', '--help'])
    expect(stdout).not.toMatch(/automatic-closing|GATEWAY/)
  })

  test.each([
    [
      ['--kind', 'automatic-closing', '--claims', 'x'],
      '--kind automatic-closing: must be one of restore-attestation, ',
    ],
    [['--kind', 'revocation', '--claims', 'x', '--as', 'GATEWAY'], '--as GATEWAY: must be one of FORENSICS_LEAD, '],
    [['--kind', '--claims', 'x'], '--kind needs a value'],
    [['--kind', 'revocation', '--yes=no'], '--yes takes no value'],
    [['--claims', 'x'], '--kind is missing'],
    [['--kind', 'wish', '--claims', 'x'], '--kind wish: must be one of restore-attestation, '],
    [['--kind', 'revocation'], '--claims is missing'],
    [['--kind', 'revocation', '--claims', 'x', '--as', 'KING'], '--as KING: must be one of FORENSICS_LEAD, '],
    [
      ['--kind', 'revocation', '--claims', 'x', '--as', 'SYSTEM_OWNER', '--key', 'k'],
      '--as chooses among the sample keys',
    ],
    [['--kind', 'revocation', '--claims', 'x', '--lifetime', '1h'], '--lifetime 1h: must be a whole number'],
    [['--kind', 'revocation', '--claims', 'x', '--dry-run'], 'there is no option --dry-run'],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await operators.run(['statement', 'sign', ...args])
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })
})

describe('showing', () => {
  async function signed(): Promise<string> {
    const { statement } = await operators
      .accept('FORENSICS_LEAD', 'incident-fact')
      .then(() => operators.rows[0] ?? { statement: '' })
    return statement
  }

  test('says what a statement says and by whom, and that nothing was verified', async () => {
    const token = await signed()
    const { code, stdout, stderr } = await operators.run(['statement', 'show', '-'], {
      stdin: async () => `${token}\n`,
    })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Statement {4}incident-fact\n/)
    expect(stdout).toContain('\nKey of       Ingrid Vasquez-Thorne (FORENSICS_LEAD)\n')
    expect(stdout).toContain('\n  confidence: MEDIUM\n')
    expect(stderr).toContain('Not verified')
  })

  test('says the same to machines', async () => {
    const token = await signed()
    const { stdout } = await operators.run(['statement', 'show', '-', '--json'], { stdin: async () => token })
    expect(JSON.parse(stdout)).toMatchObject({
      verified: false,
      kind: 'incident-fact',
      header: { alg: 'EdDSA', typ: 'incident-fact+jwt' },
      holder: { role: 'FORENSICS_LEAD' },
      envelope: { ver: 1, inc: 'INC-2025-0901' },
      claims: { confidence: 'MEDIUM' },
    })
  })

  test('an altered statement is shown as it is now: only the gateway verifies', async () => {
    const [header, payload = '', signature] = (await signed()).split('.')
    const claims = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), confidence: 'HIGH' }
    const altered = [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.')
    const shown = await operators.run(['statement', 'show', '-'], { stdin: async () => altered })
    expect(shown.stdout).toContain('confidence: HIGH')
    const submitted = await operators.run(['statement', 'submit', '-'], { stdin: async () => altered })
    expect(submitted).toMatchObject({ code: 1, stdout: '' })
    expect(submitted.stderr).toMatch(/^Refused: BAD_SIGNATURE: /)
  })

  test.each(['', 'a.b', 'no statement'])('refuses %j with the reason', async text => {
    const { code, stderr } = await operators.run(['statement', 'show', '-'], { stdin: async () => text })
    expect(code).toBe(3)
    expect(stderr).toContain('MALFORMED: this is no statement')
  })
})

describe('submitting', () => {
  async function submit(...args: readonly string[]) {
    const { stdout } = await operators.run([...SIGN, '--claims', claims, '--yes'])
    return operators.run(['statement', 'submit', '-', ...args], { stdin: async () => stdout })
  }

  test('a refusal names its code, shows every guard, and is an exit code', async () => {
    operators.script.refusal = new StatementRefusal('GUARD_UNMET', 'CANARY_PARTNERS MISSING', { guards: GUARDS })
    const { code, stdout, stderr } = await submit()
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^Refused: GUARD_UNMET\n\nGUARD +OUTCOME +CSF +REASON\nTWO_ATTESTATIONS +PASSED/)
    expect(operators.rows).toEqual([])
  })

  test('machines get the refusal as it is', async () => {
    operators.script.refusal = new StatementRefusal('REPLAYED', 'entry 3 has it already')
    const { code, stdout } = await submit('--json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toEqual({ code: 'REPLAYED', message: 'entry 3 has it already', guards: [] })
  })

  test('a dry run changes nothing, and its exit code says what would be', async () => {
    expect(await submit('--dry-run')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Dry run: would be accepted/),
    })
    operators.script.refusal = new StatementRefusal('CONTRADICTION', 'revision 1 is known')
    const refused = await submit('--dry-run')
    expect(refused).toMatchObject({
      code: 1,
      stdout: 'Dry run: would be refused: CONTRADICTION: revision 1 is known\n',
    })
    expect(operators.rows).toEqual([])
  })

  test('where the call broke off, the operator is told to look', async () => {
    const { stdout } = await operators.run([...SIGN, '--claims', claims, '--yes'])
    const nowhere = ['--admin', 'http://127.0.0.1:1']
    const { code, stderr } = await operators.run(['statement', 'submit', '-', ...nowhere], {
      stdin: async () => stdout,
    })
    expect(code).toBe(3)
    expect(stderr).toContain('look whether the statement was accepted: recovery-gateway journal list')
  })
})

test('claims that were signed are those that were written', async () => {
  await operators.run(['statement', 'submit', '-'], {
    stdin: async () => (await operators.run([...SIGN, '--claims', claims, '--yes'])).stdout,
  })
  expect(claimsOf(operators.rows[0])).toMatchObject(sampleClaims('incident-fact'))
})
