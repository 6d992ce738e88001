import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { runCommand } from '../../src/commands/command-line.ts'
import { type StoryGateway, startStoryGateway } from '../support/story-gateway.ts'
import { commandsIn } from './operators-page.ts'
import { createRecordedIo } from './recorded-io.ts'

/** The examples of `docs/operators.md` with their files, one after the other, against the embedded default. */

let gateway: StoryGateway
let directory: string
let admin: string
beforeAll(async () => {
  gateway = await startStoryGateway()
  directory = gateway.config.embedded?.directory ?? ''
  admin = await gateway.app.admin.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(() => gateway.close())

const READS = /^(status|system (check|attestations)|partner list|journal|statement show|checkpoint)/
const SUBMITS = /^statement submit/
const NAMED_FILE = /\b\w+\.jws\b/g

/** Runs a command as the page has it, but asks nobody, and keeps in the gateway's directory what it writes. */
async function run(line: string) {
  const [command = '', out] = line.replace(NAMED_FILE, name => join(directory, name)).split(' > ')
  const args = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '')
  const signing = READS.test(command) || SUBMITS.test(command) ? [] : ['--config', join(directory, 'config.yaml')]
  const asked = signing.length === 0 || args.includes('--yes') || args.includes('--draft') ? [] : ['--yes']
  const io = createRecordedIo({ ADMIN_URL: admin })
  const code = await runCommand([...args, ...signing, ...asked], io)
  if (out !== undefined) await writeFile(out, io.written.stdout)
  return { line, code, ...io.written }
}

async function lifecycles() {
  const { stdout } = await run('status --json')
  const systems: readonly { key: string; lifecycle: string }[] = JSON.parse(stdout).systems
  return Object.fromEntries(systems.map(({ key, lifecycle }) => [key, lifecycle]))
}

const yamlIn = async (file: string) => parse(await readFile(file, 'utf8'))

describe('the whole road', () => {
  test('leads from the isolation to all partners, step by step, and each says what is in force', async () => {
    let drafted: unknown
    for (const line of commandsIn('The whole road')) {
      if (line.includes('forensics-lead'))
        drafted = parse((await run('system attest production-schedule --draft')).stdout)
      const { code, stdout, stderr } = await run(line)
      expect([line, code, stderr]).toEqual([line, 0, expect.stringContaining('Signed by')])
      expect(stdout).toMatch(/^Accepted: .*\n(\d+ guards passed\.\n)?In force now:\n\n {2}Production schedule: /)
    }
    expect(await lifecycles()).toMatchObject({ PRODUCTION_SCHEDULE: 'OPEN' })
    const { intrusion, backup, restore } = await yamlIn('demo/steps/forensics-lead.yaml')
    const day = (value: string) => new Date(value).toISOString()
    expect(drafted).toEqual({
      intrusion: { ...intrusion, earliest_at: day(intrusion.earliest_at) },
      backup: { ...backup, taken_at: day(backup.taken_at), scanned_at: day(backup.scanned_at) },
      restore: { ...restore, completed_at: day(restore.completed_at) },
      checks: null,
      totals: null,
    })
  })

  test('a draft as it is printed cannot be signed', async () => {
    await run('system attest production-schedule --draft > draft.jws')
    const { code, stderr } = await run('system attest production-schedule --claims draft.jws')
    expect(code).toBe(3)
    expect(stderr).toContain('draft.jws: checks: is empty; must be a list')
    expect(stderr).toContain('draft.jws: totals: is empty; must be a mapping')
  })
})

test('a partner as the page has it is new to the demonstration, is registered, changed and disabled', async () => {
  const [example = ''] = /(?<=```yaml\n)bpnl[\s\S]*?(?=```)/.exec(await readFile('docs/operators.md', 'utf8')) ?? []
  expect(await yamlIn('demo/partner.yaml')).toEqual(parse(example))
  for (const line of commandsIn('Partners and news').filter(line => line.startsWith('partner '))) {
    const { code, stderr } = await run(line)
    expect([line, code, stderr]).toEqual([line, 0, line.endsWith('list') ? '' : expect.stringContaining('Signed by')])
  }
})

describe('something is wrong', () => {
  test('each command of the page is accepted, and closes what it is to close', async () => {
    const [attestation = { id: '' }] = JSON.parse((await run('system attestations parts-logistics --json')).stdout)
    const { keys } = JSON.parse(await readFile(gateway.config.recovery.keys.file, 'utf8'))
    const { kid } = keys.find(({ role }: { role: string }) => role === 'BUSINESS_OWNER')
    // What it is to do to a system that is suspended already is tried beside the other steps.
    const lines = commandsIn('Something is wrong')
    expect(lines).toHaveLength(9)
    const said: string[] = []
    for (const line of lines) {
      const actual = line.replace('3f2a1c9e', attestation.id.slice(0, 8)).replace(/(?<=keys withdraw )\S+/, kid)
      const { code, stdout, stderr } = await run(actual)
      expect([actual, code, stderr]).toEqual([actual, 0, expect.any(String)])
      said.push(stdout)
    }
    expect(said.join('')).toContain('In force now:\n\n  Parts logistics: OPEN → SUSPENDED, answers nobody.\n')
    expect(said.join('')).toContain('In force now:\n\n  Wholesale finance: LIMITED_OPEN → SUSPENDED, answers nobody.\n')
    expect(await lifecycles()).toEqual({
      PARTS_LOGISTICS: 'SUSPENDED',
      WHOLESALE_FINANCE: 'SUSPENDED',
      PRODUCTION_SCHEDULE: expect.any(String),
    })
    expect((await run('system attestations parts-logistics')).stdout).toContain(
      `\n${attestation.id.slice(0, 8)}  REVOKED `,
    )
  })

  test('the check of a suspended system says why it is, and what leads out', async () => {
    const finance = await run('system check wholesale-finance')
    expect([finance.code, finance.stderr]).toEqual([1, ''])
    expect(finance.stdout.replace(/\s+/g, ' ')).toMatch(
      /^ Wholesale finance is SUSPENDED since .*Z, BACKUP_NOT_BEFORE_INTRUSION: .* WAY OUT WHERE system restore wholesale-finance from an earlier backup/,
    )
  })
})
