import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readSamplePartners } from '../../demo/sample-partners.ts'
import { type App, createApp } from '../../src/app.ts'
import { runConfigCheck } from '../../src/commands/config/check.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { systemClock } from '../../src/model/clock.ts'
import { SYSTEM_KEYS } from '../../src/model/system.ts'
import { createCounters } from '../../src/observe/counters.ts'
import { createLog } from '../../src/observe/log.ts'
import type { AnyRelation } from '../../src/systems/connector.ts'
import { RELATIONS } from '../../src/systems/relations/all.ts'
import { createRecordedIo } from '../commands/recorded-io.ts'
import { askOver, type Finished, type GatewayProcess, runGateway, startProcess } from '../support/gateway-process.ts'
import { openSystem, registerPartner } from '../support/opening.ts'
import { readProductionPage } from '../support/production-page.ts'
import {
  missingServers,
  PRODUCTION_CONFIG,
  type ProductionSite,
  startProductionSite,
} from '../support/production-site.ts'
import { restartOf } from '../support/site.ts'
import { watched } from '../support/watched-logs.ts'
import { commit, ROUNDS } from './production-breaches.ts'
import { QUESTIONS, rootFieldOf } from './questions.ts'

/** `config/production.yaml` with everything that it names, running: checked, checked where something is wrong, and served. */

const CLIENTS = [...new Set(QUESTIONS.map(([client]) => client))]
const missing = missingServers()
const describeProduction =
  missing.length === 0
    ? (tests: () => void) => describe('config/production.yaml', tests)
    : (tests: () => void) => describe.skip(`config/production.yaml: apt-get install ${missing.join(' ')}`, tests)

describeProduction(() => {
  let site: ProductionSite
  beforeAll(async () => {
    site = await startProductionSite(CLIENTS)
  })
  afterAll(() => site?.stop(), 60_000)

  describe('config check', () => {
    let whole: Finished
    beforeAll(async () => {
      whole = await runGateway(['config', 'check', PRODUCTION_CONFIG], site.env)
    })

    test('finds nothing wrong, in 120 columns', () => {
      expect(problemsOf(whole)).toEqual([])
      expect(whole.stdout.endsWith('\nNothing is wrong.\n')).toBe(true)
      expect(whole.stdout.split('\n').filter(line => line.length > 120)).toEqual([])
      expect(whole.code).toBe(0)
    })

    test('shows that each system can only be read', () => {
      const [parts, finance, schedule] = [
        ...whole.stdout.matchAll(/ {2}answers · read only: ([^·]+) · as of (\d[^B]*?Z)\n\n/g),
      ].map(([, proof = '', asOf = '']) => `${proof} · ${asOf}`.replace(/\s+/g, ' '))
      expect(parts).toBe('a write was refused (SQLSTATE 25006) · 2025-10-08 05:30Z')
      expect(finance).toMatch(/^only GET is ever sent: .* · 2025-10-08 05:30Z$/)
      expect(schedule).toMatch(/^files are opened for reading only; .* · 2025-10-08 05:30Z$/)
    })

    const relations = SYSTEM_KEYS.flatMap(key => RELATIONS[key].map(relation => relation as AnyRelation))
    test.each(relations.map(relation => [relation.name, relation] as const))(
      'shows that %s is mapped, with all of its rows',
      (name, relation) => {
        const rows = [...site.dataset.rows(relation)].length
        const cells = [
          name,
          'right',
          rows.toLocaleString('en-GB'),
          String(relation.sums.length || '–'),
          `${Math.min(rows, 100)} good`,
          '2025-10-08 05:30Z',
        ]
        expect(cellsOf(whole).get(name)?.slice(0, -1)).toEqual(cells)
      },
    )

    test('shows what stands beside the systems', () => {
      expect(whole.stdout.replace(/ {2,}/g, ' | ').split('BESIDE THE SYSTEMS | FOUND\n')[1]).toMatch(
        /^site directory \| \d+ sites\nissuer's keys \| known, of http:\S+\npinned keys \| \d+ keys\ngateway's key \| \S+, pinned as GATEWAY\ncheckpoints \| \S+ can be written to\njournal \| can be read and added to, and not changed\nshared store \| answers\n\n/,
      )
    })

    test('prints what docs/production.md shows, and has the variables that it names', async () => {
      const page = await readProductionPage()
      expect(whole.stdout).toContain(page.block('text finance'))
      const settings = (await readFile(PRODUCTION_CONFIG, 'utf8')).replace(/^ *#.*$/gm, '')
      const [, optional = ''] = /^These have a default: ([^.]*)\./m.exec(page.text) ?? []
      expect(namesIn(page.text, /^\| `([A-Z_\d]+)` \|/gm)).toEqual(namesIn(settings, /\$\{(\w+)\}/g))
      expect(namesIn(optional, /`(\w+)`/g)).toEqual(namesIn(settings, /\$\{(\w+):-/g))
    })

    describe.each(ROUNDS)('where several %s are wrong', (_, breaches) => {
      let found: Finished
      beforeAll(async () => {
        const { file, env, mend } = await commit(breaches, site)
        const io = createRecordedIo(env)
        // In this process: that it is a command of its own, the whole shows.
        const code = await runConfigCheck([file], io).finally(mend)
        found = { code, ...io.written }
      })

      test.each(breaches.map(({ name, line }) => [name, line] as const))('tells of %s in one line', (_, line) => {
        expect(problemsOf(found).filter(problem => line.test(problem))).toHaveLength(1)
      })

      test('tells of nothing else, and shows all else as ever', () => {
        expect(found.code).toBe(1)
        expect(problemsOf(found)).toHaveLength(breaches.length)
        const [before, after] = [cellsOf(whole), cellsOf(found)]
        expect([...after.keys()]).toEqual([...before.keys()])
        const changed = [...before].filter(([name, cells]) => cells.join() !== after.get(name)?.join())
        const spoilt = new Set(breaches.flatMap(({ spoils }) => spoils))
        expect(new Set(changed.map(([name]) => name))).toEqual(spoilt)
      })
    })
  })

  describe('a gateway over it', () => {
    /** In this process, on the same journal, over the same data as extracts. */
    let reference: App
    let gateway: GatewayProcess
    const tokens = new Map<string, string>()

    beforeAll(async () => {
      // The data is of the time of the story, which a real site would take for a feed that has fallen silent.
      const policy = { feedSilentHours: 876_000 }
      const deadlineMs = 7_000
      const overExtracts = await site.configure(configuration => {
        const connector = (key: string) => ({ kind: 'extracts', directory: join(process.env.TEST_EXTRACTS ?? '', key) })
        configuration.systems = Object.fromEntries(
          SYSTEM_KEYS.map(key => [key, { deadlineMs, connector: connector(key) }]),
        )
        configuration.recovery.policy = policy
        delete configuration.sharedStore
      })
      const checkpoints = { CHECKPOINTS: `${site.env.CHECKPOINTS}-of-the-reference` }
      reference = await createApp(await loadConfig(overExtracts, { ...site.env, ...checkpoints }), {
        log: createLog({ level: 'error', destination: watched(() => {}) }),
        counters: createCounters(),
        clock: systemClock,
      })
      await reference.prove()
      const desk = { app: reference, submit: (token: string) => restartOf(reference).desk.submit(token) }
      for (const { bpnl, name, roles, scopes, sites, wave, clients } of await readSamplePartners())
        if (clients.some(client => CLIENTS.includes(client)))
          await registerPartner(site.signatories, desk, bpnl, { name, roles, scopes, sites, wave, clients })
      for (const system of SYSTEM_KEYS) await openSystem(site.signatories, desk, system, 'LIMITED_OPEN')
      const file = await site.configure(configuration => {
        configuration.recovery.policy = policy
        for (const key of SYSTEM_KEYS) configuration.systems[key].deadlineMs = deadlineMs
      })
      gateway = await startProcess(file, site.env)
      for (const client of CLIENTS) tokens.set(client, (await site.provider.token(client)).token)
    })
    afterAll(async () => {
      await gateway?.kill()
      await reference?.partners.close()
      await reference?.admin.close()
      await reference?.close()
    })

    test.each(QUESTIONS.map(([client, query]) => [client, rootFieldOf(query), query] as const))(
      'answers %s about %s as one over extracts does',
      async (client, _field, query) => {
        const token = tokens.get(client) ?? ''
        const expected = await reference.partners.inject({
          method: 'POST',
          url: '/graphql',
          headers: { authorization: `Bearer ${token}` },
          payload: { query },
        })
        expect(expected.json().errors).toBeUndefined()
        expect(Object.values(expected.json().data)).not.toContain(null)
        const { body } = await askOver(gateway.partners, token, { query })
        expect(JSON.stringify(body)).toBe(JSON.stringify(expected.json()))
      },
    )

    test('ends when it is told to, and leaves no file of its own', async () => {
      await gateway.kill('SIGTERM')
      expect(gateway.child.exitCode).toBe(0)
      expect(await readdir(site.temporary)).toEqual([])
    })
  })

  test('nothing of it is left running, nor on disk', async () => {
    const [setting] = await site.inDatabase('parts', 'SHOW data_directory')
    const [, storeDirectory = ''] = site.store.run('CONFIG', 'GET', 'dir').split('\n')
    const directories = [String(setting?.data_directory), storeDirectory, site.schedule, site.temporary]
    const urls = [site.database.connectionString, site.store.url, site.finance.url, site.provider.issuer]
    expect(directories.map(existsSync)).toEqual([true, true, true, true])
    expect(await Promise.all(urls.map(isListening))).toEqual([true, true, true, true])
    await site.stop()
    expect(directories.map(existsSync)).toEqual([false, false, false, false])
    expect(await Promise.all(urls.map(isListening))).toEqual([false, false, false, false])
  })
})

/** Each once, sorted. */
const namesIn = (text: string, pattern: RegExp) =>
  [...new Set([...text.matchAll(pattern)].map(([, name]) => name))].sort()

function isListening(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url)
  return new Promise(resolve => {
    const socket = connect(Number(port), hostname)
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

const problemsOf = ({ stdout }: Finished) =>
  stdout
    .split(/\n\d+ problems?:\n\n/)[1]
    ?.trimEnd()
    .split('\n') ?? []

/** Of each relation and service, its line in the tables. */
function cellsOf({ stdout }: Finished): ReadonlyMap<string, readonly string[]> {
  const [tables = ''] = stdout.split(/\n(?:\d+ problems?:|Nothing is wrong)/)
  const rows = tables.split('\n').map(line => line.trimEnd().split(/ {2,}/))
  return new Map(
    rows.filter(([name = '', second]) => name !== '' && second !== undefined).map(row => [row[0] ?? '', row]),
  )
}
