import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { makeSampleKeys, type OperatorRole, readSampleKeys, SAMPLE_OPERATORS } from '../../demo/sample-keys.ts'
import { readSamplePartners } from '../../demo/sample-partners.ts'
import { isTold, type Telling, tellStory } from '../../demo/story.ts'
import { readStory } from '../../demo/story-steps.ts'
import { EMBEDDED_CONFIG_FILE } from '../../src/config/embedded.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { readRestartSettings } from '../../src/config/restart-settings.ts'
import { readYaml } from '../../src/config/yaml-file.ts'
import { systemClock } from '../../src/model/clock.ts'
import { ConfigError } from '../../src/model/operator-file.ts'
import type { SystemKey } from '../../src/model/system.ts'
import { SYSTEM_KEYS } from '../../src/model/system.ts'
import { createLog } from '../../src/observe/log.ts'
import { EMBEDDED_JOURNAL, installEmbeddedJournal } from '../../src/recovery/journal/embedded-store.ts'
import { estimatedClearDate } from '../../src/recovery/reading/backlog.ts'
import { openRestart, type Restart } from '../../src/recovery/restart.ts'
import type { RestartSettings } from '../../src/recovery/settings.ts'
import type { RecoveryState } from '../../src/recovery/state.ts'
import { StatementRefusal } from '../../src/recovery/statements/refusal.ts'
import { signStatement } from '../../src/recovery/statements/sign.ts'
import { type ClaimsInputOf, type KindName, kindNamed } from '../../src/recovery/statements/statement-kinds.ts'
import { summableColumns } from '../../src/systems/relations/all.ts'
import { openPglite } from '../support/pglite.ts'
import { storyState } from '../support/story-state.ts'
import { watched } from '../support/watched-logs.ts'

const story = await readStory(await readSamplePartners())
const totalsOf = (system: SystemKey, relations: readonly string[]) =>
  Object.fromEntries(
    relations.map(name => {
      const columns = summableColumns(system, name) ?? []
      return [name, { rows: 3, sums: Object.fromEntries(columns.map(column => [column, '12.50'])) }]
    }),
  )

describe('the files', () => {
  test('hold statements in the order in which they were made, each of its own', () => {
    expect(story.length).toBeGreaterThan(150)
    expect(new Set(story.map(({ id }) => id)).size).toBe(story.length)
    const times = story.map(({ at }) => at)
    expect(times).toEqual(times.toSorted())
  })

  test('read the same twice, so that a story that broke off can go on', async () => {
    expect(await readStory(await readSamplePartners())).toEqual(story)
  })

  test('have each kind signed by who may sign it, and a part for every sample operator but one', () => {
    for (const { name, kind, signedBy } of story)
      expect([name, kindNamed(kind).signers]).toEqual([name, expect.arrayContaining([signedBy])])
    const idle = Object.keys(SAMPLE_OPERATORS).filter(role => !story.some(({ signedBy }) => signedBy === role))
    expect(idle).toEqual(['BACKUP_OPERATIONS'])
  })

  test('tell each backlog as falling, so that a day can be said on which it is clear', async () => {
    const { systems } = await storyState()
    const measures = Object.values(systems).flatMap(({ backlog }) => backlog)
    expect(measures).toHaveLength(6)
    for (const measure of measures) {
      const open = measure.history.map(point => point.open)
      expect(open.length).toBeGreaterThanOrEqual(4)
      expect(open).toEqual(open.toSorted((a, b) => b - a))
      expect(estimatedClearDate(measure)).toMatch(/^2025-1[0-2]-\d\d$/)
    }
    expect(measures.filter(({ concerns }) => concerns === 'SUPPLIER_PAYMENTS').map(({ name }) => name)).toEqual([
      'Overdue supplier invoices to pay',
    ])
  })
})

describe('told to a real journal', () => {
  let directory = ''
  let database: PGlite
  let settings: RestartSettings
  let restart: Restart
  let keys: Telling['keys']
  let telling: Telling
  const done: number[] = []
  const logged: string[] = []

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'story-'))
    await makeSampleKeys(directory)
    keys = await readSampleKeys(directory)
    const config = await loadConfig(EMBEDDED_CONFIG_FILE, {})
    settings = {
      ...(await readRestartSettings(config.recovery)),
      keys: { file: join(directory, 'operators/keys.jwks.json'), sha256: null },
      signingKey: join(directory, 'gateway/signing-key.jwk.json'),
      checkpoints: { ...config.recovery.checkpoints, file: join(directory, 'gateway/checkpoints.jws') },
    }
    database = await openPglite({ relaxedDurability: true })
    await installEmbeddedJournal(database, EMBEDDED_JOURNAL)
    restart = await openRestart({
      settings,
      embedded: async () => database,
      clock: systemClock,
      log: createLog({ level: 'error', destination: watched(line => void logged.push(line)) }),
      known: { isKnownSite: () => true, columnsOf: summableColumns },
      examine: async (system, relations) => ({
        at: new Date().toISOString(),
        asOf: '2025-10-08T05:30:00.000Z',
        readOnlyProven: true,
        writeAccepted: false,
        totals: totalsOf(system, relations),
        reads: { answered: 0, failed: 0 },
        failure: null,
        warning: null,
      }),
    })
    telling = {
      story,
      desk: restart.desk,
      keys,
      settings,
      clock: systemClock,
      measure: async (system, relations) => totalsOf(system, relations),
      told: new Set(),
      onProgress: count => done.push(count),
    }
  })
  afterAll(async () => {
    await restart.close()
    await database.close()
    await rm(directory, { recursive: true, force: true })
  })

  const stateNow = () => restart.recovery.current().state
  const toldNow = async () => new Set((await restart.rows(0, 1_000)).map(({ statementId }) => statementId))
  const submit = async <K extends KindName>(role: OperatorRole, kind: K, claims: ClaimsInputOf<K>) =>
    restart.desk.submit(
      await signStatement({
        key: keys(role),
        audience: settings.audience,
        incident: settings.incident,
        kind,
        claims,
        issuedAtMs: Date.now(),
        lifetimeSeconds: 60,
      }),
    )

  test('breaks off at what is refused, and says which statement of which file that is', async () => {
    const desk = {
      submit: async () => {
        throw new StatementRefusal('GUARD_UNMET', 'BACKUP_PREDATES_INTRUSION FAILED')
      },
    }
    const failure = await tellStory({ ...telling, desk }).catch((thrown: Error) => thrown)
    expect(failure).toBeInstanceOf(ConfigError)
    expect(failure).toHaveProperty(
      'message',
      expect.stringMatching(
        /demo\/story\/parts-logistics\.yaml: statements\[0\]: lifecycle-transition urn:restored-system:parts-logistics: refused, GUARD_UNMET: BACKUP_PREDATES_INTRUSION FAILED\nA story .* --fresh\.$/,
      ),
    )
  })

  test('goes on where it broke off, tells nothing twice, and passes every guard on its way to today', async () => {
    const broken = 90
    let submitted = 0
    const desk: Telling['desk'] = {
      submit: token => (++submitted > broken ? Promise.reject(new Error('power cut')) : restart.desk.submit(token)),
    }
    await expect(tellStory({ ...telling, desk })).rejects.toThrow('power cut')
    const told = await toldNow()
    expect([told.size, isTold(story, told)]).toEqual([broken, false])

    await tellStory({ ...telling, told })
    const rows = await restart.rows(0, 1_000)
    expect(rows.map(({ statementId }) => statementId)).toEqual(story.map(({ id }) => id))
    expect(isTold(story, await toldNow())).toBe(true)
    expect(done.at(-1)).toBe(story.length)
  })

  test('comes to the state of today, with evidence that counts as long as the policy lets it', async () => {
    const { systems, partners, ...rest } = stateNow()
    const expected = await storyState()
    for (const key of SYSTEM_KEYS) {
      const { attestations, transitions, ...told } = systems[key]
      const { attestations: _, transitions: steps, ...declared } = expected.systems[key]
      expect(told).toEqual(declared)
      expect(transitions.map(({ from, to, at }) => [from, to, at])).toEqual(
        steps.map(({ from, to, at }) => [from, to, at]),
      )
      for (const { to, guards } of transitions) {
        expect(guards.length > 0).toBe(to !== 'ISOLATED')
        expect(guards.filter(({ outcome }) => outcome !== 'PASSED')).toEqual([])
      }
      expect(attestations.map(({ signedBy }) => signedBy.role)).toEqual(['FORENSICS_LEAD', 'SYSTEM_OWNER'])
      for (const { system, issuedAt, expiresAt, totals } of attestations) {
        expect(Date.parse(expiresAt) - Date.parse(issuedAt)).toBe(720 * 3_600_000)
        const counted = Object.entries(totalsOf(system, Object.keys(totals)))
        expect(totals).toEqual(Object.fromEntries(counted.map(([name, sums]) => [name, { ...sums, tolerance: 0 }])))
      }
    }
    const entriesOf = (state: Pick<RecoveryState, 'partners'>) => [...state.partners.values()].map(({ entry }) => entry)
    expect(entriesOf({ partners })).toEqual(entriesOf(expected))
    // All that partners read of the rest; when it was recorded is now, and not in the story.
    const unrecorded = <T extends { readonly recordedAt: string }>(said: readonly T[]) =>
      said.map(({ recordedAt: _, ...read }) => read)
    const { headline, phase, nextUpdateBy, updates } = expected
    const sites = unrecorded(expected.sites)
    const plannedReopenings = unrecorded(expected.plannedReopenings)
    expect(rest).toMatchObject({ headline, phase, nextUpdateBy, sites, plannedReopenings, updates })
    expect(rest.intrusion).toMatchObject({ revision: 2, earliestIntrusionAt: '2025-08-31T02:00:00.000Z' })
  })

  test('leaves the production schedule so that the facts at hand open it to the first wave, then to all', async () => {
    const facts = (await readYaml(join(import.meta.dirname, '../../demo/opening.yaml'))) as object
    const sub = 'urn:restored-system:production-schedule'
    await submit('RECOVERY_LEAD', 'lifecycle-transition', {
      sub,
      from: 'VERIFIED',
      to: 'LIMITED_OPEN',
      waves: [1],
      ...facts,
    })
    expect(stateNow().systems.PRODUCTION_SCHEDULE).toMatchObject({ lifecycle: 'LIMITED_OPEN', waves: [1] })
    await submit('SYSTEM_OWNER', 'lifecycle-transition', { sub, from: 'LIMITED_OPEN', to: 'OPEN' })
    expect(stateNow().systems.PRODUCTION_SCHEDULE.lifecycle).toBe('OPEN')
  })

  test('has backups of three ages: an intrusion two hours before the margin of one closes that system alone', async () => {
    await submit('FORENSICS_LEAD', 'incident-fact', {
      sub: `urn:incident:${settings.incident}`,
      revision: 3,
      earliest_intrusion_at: '2025-08-30T21:00:00Z',
      confidence: 'HIGH',
    })
    const { PARTS_LOGISTICS, WHOLESALE_FINANCE, PRODUCTION_SCHEDULE } = stateNow().systems
    expect(PARTS_LOGISTICS.suspension?.cause).toBe('BACKUP_NOT_BEFORE_INTRUSION')
    expect([WHOLESALE_FINANCE.lifecycle, PRODUCTION_SCHEDULE.lifecycle]).toEqual(['LIMITED_OPEN', 'OPEN'])
    expect(logged.join('')).toContain('PARTS_LOGISTICS')
  })
})
