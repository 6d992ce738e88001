import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { runCommand } from '../../src/commands/command-line.ts'
import { serverConfiguration } from '../support/server-configuration.ts'
import { createRecordedIo } from './recorded-io.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-commands-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

async function run(...args: readonly string[]) {
  const io = createRecordedIo()
  return { code: await runCommand(args, io), ...io.written }
}

async function fileWith(name: string, text: string): Promise<string> {
  const file = join(directory, name)
  await writeFile(file, text)
  return file
}

/** All that the command line lists: a test for each. */
const COMMANDS = await listed()

async function listed(): Promise<readonly string[]> {
  const { stdout } = await run('help')
  return [...stdout.matchAll(/^ {2}([a-z][a-z-]*(?: [a-z]+)?)(?= |$)/gm)].map(([, name = '']) => name)
}

describe('the command line', () => {
  test.each([['help'], ['--help'], ['-h']])('lists every command on %s', async arg => {
    const { code, stdout, stderr } = await run(arg)
    expect([code, stderr]).toEqual([0, ''])
    for (const name of COMMANDS) expect(stdout).toContain(`\n  ${name} `)
    expect(stdout.split('\n').filter(line => line.length > 100)).toEqual([])
  })

  test.each([['sevre'], ['constructor'], ['']])('refuses the command %j and lists those that there are', async name => {
    const { code, stdout, stderr } = await run(name)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(
      /^recovery-gateway has no command ".*"; it has: serve, token, .*\nSee: recovery-gateway --help\n$/,
    )
  })

  test('takes options without a command as those of serve', async () => {
    const { code, stderr } = await run('--frsh')
    expect(code).toBe(2)
    expect(stderr).toBe('there is no option --frsh\nSee: recovery-gateway serve --help\n')
  })

  test('prints the configuration schema byte for byte as it is published', async () => {
    const published = await readFile(new URL('../../config/recovery-gateway.schema.json', import.meta.url), 'utf8')
    expect(await run('config', 'schema')).toEqual({ code: 0, stdout: published, stderr: '' })
  })
})

describe('a noun', () => {
  test.each(['config', 'system', 'partner', 'update', 'statement', 'keys', 'journal'])(
    '%s lists its verbs',
    async noun => {
      const verbs = COMMANDS.filter(name => name.startsWith(`${noun} `))
      const { code, stdout, stderr } = await run(noun, '--help')
      expect([code, stderr]).toEqual([0, ''])
      for (const verb of verbs) expect(stdout).toContain(`\n  ${verb} `)
      for (const wrong of [[], ['constructor'], ['']]) {
        const refused = await run(noun, ...wrong)
        expect([refused.code, refused.stdout]).toEqual([2, ''])
        expect(refused.stderr).toMatch(new RegExp(`^${noun} .*; it has: .*\\nSee: recovery-gateway ${noun} --help\\n$`))
      }
    },
  )
})

describe('every command', () => {
  test.each(COMMANDS)('%s explains itself on --help and -h', async name => {
    for (const option of ['--help', '-h']) {
      const { code, stdout, stderr } = await run(...name.split(' '), option)
      expect([code, stderr]).toEqual([0, ''])
      expect(stdout).toMatch(new RegExp(`^usage: recovery-gateway ${name} `))
      expect(stdout.split('\n').filter(line => line.length > 110)).toEqual([])
    }
  })

  test.each(COMMANDS)('%s refuses an option that it does not have, and says in two lines where to look', async name => {
    const { code, stdout, stderr } = await run(...name.split(' '), '--colour')
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toBe(`there is no option --colour\nSee: recovery-gateway ${name} --help\n`)
  })
})

describe('serve', () => {
  test('refuses an argument that is no option', async () => {
    const { code, stderr } = await run('serve', 'config.yaml')
    expect(code).toBe(2)
    expect(stderr).toContain('there is no argument "config.yaml"')
  })

  test('says which file is missing', async () => {
    const file = join(directory, 'missing.yaml')
    expect(await run('serve', '--config', file)).toEqual({
      code: 3,
      stdout: '',
      stderr: `recovery-gateway cannot run:\n${file}: cannot be read: there is no such file\n`,
    })
  })

  test('says where YAML breaks', async () => {
    const file = await fileWith('broken.yaml', 'listen:\n  port: [4000\nidentity: {}\n')
    const { code, stderr } = await run('serve', '--config', file)
    expect(code).toBe(3)
    expect(stderr).toMatch(/broken\.yaml:\d+:\d+: /)
    expect(stderr).not.toContain('    at ')
  })

  test('says everything that is wrong with a configuration, and what is allowed', async () => {
    const file = await fileWith('wrong.yaml', 'listen: { port: 70000 }\nlistne: {}\n')
    const { code, stderr } = await run('--config', file)
    expect(code).toBe(3)
    expect(stderr).toContain(`${file}: listen.port: is 70000; must be a whole number from 0 to 65535`)
    expect(stderr).toContain('listne: is not a setting')
    expect(stderr).toContain('identity: is missing')
  })

  test('throws nothing away where there is nothing embedded', async () => {
    const file = await fileWith('server.yaml', serverConfiguration())
    const { code, stderr } = await run('--fresh', '--config', file)
    expect(code).toBe(3)
    expect(stderr).toContain('--fresh is for the embedded default')
  })
})

describe('token', () => {
  test.each([
    [[], 'say which partner: retailer, supplier, internal'],
    [['importer'], 'say which partner'],
    [['retailer', 'supplier'], 'say which partner'],
    [['retailer', '--lifetime', '0'], '--lifetime must be'],
    [['retailer', '--lifetime', '1h'], '--lifetime must be'],
    [['retailer', '--scope', 'parts:read'], 'there is no option --scope'],
  ])('refuses %j and says where it stands how it is used', async (args, message) => {
    const { code, stdout, stderr } = await run('token', ...args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
    expect(stderr).toContain('See: recovery-gateway token --help\n')
  })

  test('has no token of an issuer that is not its own', async () => {
    const file = await fileWith('server.yaml', serverConfiguration())
    const { code, stdout, stderr } = await run('token', 'retailer', '--config', file)
    expect([code, stdout]).toEqual([3, ''])
    expect(stderr).toContain('ask https://issuer.example for a token')
  })

  test('prints one token and nothing else, before the first start too, with the scopes of the registry', async () => {
    const file = await fileWith('embedded.yaml', embeddedConfiguration(join(directory, 'data')))
    const { code, stdout, stderr } = await run('token', 'supplier', '--config', file, '--lifetime', '60')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/)
    const claims = JSON.parse(Buffer.from(stdout.split('.')[1] ?? '', 'base64url').toString())
    expect(claims).toMatchObject({ client_id: 'sample-supplier', aud: 'https://gateway.example' })
    expect(claims.scope.split(' ')).toContain('payments:read')
    expect(claims.exp - claims.iat).toBe(60)
  })
})

function embeddedConfiguration(data: string): string {
  return serverConfiguration()
    .replace(/ +(keys|signingKey|checkpoints): .*\n/g, '')
    .replace(/journal: .*/, 'journal: { kind: embedded }')
    .replace('kind: extracts, directory: parts', 'kind: embedded-postgres, schema: parts_logistics')
    .concat(`embedded: { directory: ${JSON.stringify(data)} }\n`)
}
