import { readdirSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parse, stringify } from 'yaml'
import { runConfigCheck } from '../../src/commands/config/check.ts'
import { OUTBOX_DDL } from '../../src/webhooks/outbox-schema.ts'
import { describeOnSite, type Site, startSite } from '../support/site.ts'
import { createRecordedIo } from './recorded-io.ts'

/** The command on a whole site: its files, its journal on PostgreSQL, its extracts. */
describeOnSite('config check of a site', () => {
  let site: Site
  let file: string
  beforeAll(async () => {
    site = await startSite()
    const secret = join(dirname(await site.configure()), 'webhook-secret')
    await writeFile(secret, `whsec_${Buffer.alloc(32, 'a').toString('base64')}\n`, { mode: 0o600 })
    const receiver = { partner: 'BPNL00000R000121', url: 'https://dms.hartwell.example/hooks/restart' }
    const webhooks = { endpoints: [{ id: 'hartwell-dms', ...receiver, secretFiles: [secret] }] }
    file = await site.configure({ settings: { webhooks } })
  })
  afterAll(() => site.stop())

  async function check(...args: readonly string[]) {
    const io = createRecordedIo()
    return { code: await runConfigCheck([file, ...args], io), ...io.written }
  }

  // biome-ignore lint/suspicious/noExplicitAny: a configuration is changed by path
  async function checkChanged(change: (configuration: any) => void) {
    const text = await readFile(file, 'utf8')
    const configuration = parse(text)
    change(configuration)
    await writeFile(file, stringify(configuration))
    try {
      const { code, stdout } = await check()
      return { code, stdout, problems: stdout.split(/\n\d+ problems?:\n\n/)[1] }
    } finally {
      await writeFile(file, text)
    }
  }

  test('finds everything, and says so in 120 columns', async () => {
    const { code, stdout } = await check()
    expect(stdout.split('\n').slice(-2)).toEqual(['Nothing is wrong.', ''])
    expect(code).toBe(0)
    for (const name of ['Parts logistics', 'Wholesale finance', 'Production schedule'])
      expect(stdout).toContain(`${name} (extracts)\n  answers · read only: `)
    for (const found of [
      /^site directory +\d+ sites$/m,
      /^pinned keys +\d+ keys$/m,
      /^journal +can be read and added to/m,
    ])
      expect(stdout).toMatch(found)
    expect(stdout.split('\n').filter(line => line.length > 120)).toEqual([])
  })

  test('looks at one system only where it is named, and says it to machines', async () => {
    const { code, stdout } = await check('--system', 'production-schedule', '--json')
    expect(code).toBe(0)
    const { ok, systems, services } = JSON.parse(stdout)
    expect([ok, services]).toEqual([true, []])
    expect(systems.map(({ system }: { readonly system: string }) => system)).toEqual(['PRODUCTION_SCHEDULE'])
    for (const relation of systems[0].relations)
      expect(relation).toMatchObject({ mappingRight: true, rows: expect.any(Number), problems: [] })
  })

  test('leaves no file behind where it is stopped before its end', async () => {
    const work = await mkdtemp(join(tmpdir(), 'recovery-gateway-check-'))
    const text = await readFile(file, 'utf8')
    const configuration = parse(text)
    configuration.systems.PARTS_LOGISTICS.connector.workDirectory = work
    await writeFile(file, stringify(configuration))
    const io = createRecordedIo()
    let stop = () => {}
    let made: readonly string[] = []
    try {
      const code = await runConfigCheck([file, '--system', 'parts-logistics'], {
        ...io,
        onStop: asked => {
          stop = asked
        },
        stderr(line) {
          io.stderr(line)
          if (made.length === 0) made = readdirSync(work)
          stop()
        },
      })
      expect(made).not.toEqual([])
      expect(await readdir(work)).toEqual([])
      expect(code).toBe(3)
      expect(io.written.stderr).toContain('it was stopped before everything was checked\n')
    } finally {
      await writeFile(file, text)
      await rm(work, { recursive: true, force: true })
    }
  })

  test('tables of webhooks that are older than the gateway are one line, before it would refuse to start', async () => {
    const owner = await site.superuser()
    try {
      await owner.query('ALTER TABLE recovery_journal.webhook_endpoint DROP COLUMN horizon_ms')
      const { code, problems } = await checkChanged(() => {})
      expect(code).toBe(1)
      expect(problems).toMatch(/^recovery\.journal: .*"horizon_ms".*journal schema once more\n$/)
    } finally {
      await owner.query(OUTBOX_DDL('recovery_journal', 'journal_writer'))
      await owner.end()
    }
  })

  describe('of which several things are wrong', () => {
    let found: Awaited<ReturnType<typeof checkChanged>>
    beforeAll(async () => {
      found = await checkChanged(({ recovery, systems }) => {
        recovery.journal.connectionString = site.database.connectionString
        recovery.keys.sha256 = 'a'.repeat(64)
        systems.PARTS_LOGISTICS.connector.directory = 'nowhere'
        systems.WHOLESALE_FINANCE.connector.relations = { parts: { files: 'parts-*.csv' } }
      })
    })

    test.each([
      [
        'a role that could change the journal',
        /^recovery\.journal: the role gateway owns the journal or is a superuser, /,
      ],
      [
        'another file of keys than was pinned',
        /^recovery\.keys: .*: its SHA-256 is [0-9a-f]{64}, and a{64} is pinned; /,
      ],
      ['a directory without extracts', /^parts-logistics: .*manifest\.json/],
      [
        'a connector that maps a relation that is none, with those that there are',
        /^wholesale-finance: systems\.WHOLESALE_FINANCE\.connector\.relations\.parts: is no relation of /,
      ],
    ])('tells of %s in one line', (_, line) => {
      expect(found.code).toBe(1)
      const lines = found.problems?.trimEnd().split('\n') ?? []
      expect(lines).toHaveLength(4)
      expect(lines.filter(problem => line.test(problem))).toHaveLength(1)
    })

    test('shows the other systems all the same', () => {
      expect(found.stdout).toContain('Production schedule (extracts)\n  answers · read only: ')
    })
  })
})
