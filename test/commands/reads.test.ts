import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { declaredState } from '../support/declared-recovery.ts'
import { GUARDS, type Operators, startOperators } from './operators.ts'

/** What operators read: nothing here signs anything. */

let operators: Operators
beforeAll(async () => {
  operators = await startOperators()
})
afterAll(() => operators.close())
beforeEach(() => {
  operators.script.guards = GUARDS
})

describe('status', () => {
  test('shows what the gate obeys: who is answered, until when, and why', async () => {
    operators.script.state = declaredState({
      PARTS_LOGISTICS: { lifecycle: 'OPEN' },
      WHOLESALE_FINANCE: { lifecycle: 'LIMITED_OPEN', waves: [1, 2] },
      PRODUCTION_SCHEDULE: {
        lifecycle: 'SUSPENDED',
        suspension: {
          cause: 'INDICATOR_REPORTED',
          reason: 'SOC-2291',
          at: '2025-10-08T06:00:00.000Z',
          from: 'OPEN',
          distrustSince: '2025-10-07T00:00:00.000Z',
          lastKnownGood: false,
          recorded: true,
        },
      },
    })
    const { code, stdout, stderr } = await operators.run(['status'], { columns: 300 })
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^Parts logistics +OPEN +all .* 2025-10-08 05:00Z +2025-10-09 08:00Z/m)
    expect(stdout).toMatch(/^Wholesale finance +LIMITED_OPEN +wave 1, 2 /m)
    expect(stdout).toMatch(/^Production schedule +SUSPENDED +nobody +2025-10-08 05:00Z +– +\S+ \S+Z$/m)
    expect(stdout).toContain(
      '\n\n  Production schedule is SUSPENDED since 2025-10-08 06:00Z, INDICATOR_REPORTED: SOC-2291. Nothing read since 2025-10-07 00:00Z is ever served again.\n',
    )
    expect(stdout).toContain('Journal    FOLLOWED, 0 entries\n')
  })

  test('is one JSON value for machines', async () => {
    const { stdout } = await operators.run(['status', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ phase: 'RESILIENCE_AND_RECOVERY', systems: [{}, {}, {}] })
  })
})

describe('system check', () => {
  test('shows every guard with its CSF code and reason, and fails unless all have passed', async () => {
    const { code, stdout } = await operators.run(['system', 'check', 'production-schedule', '--to', 'limited-open'])
    expect(code).toBe(1)
    expect(stdout).toContain('→ LIMITED_OPEN\n\nGUARD             OUTCOME  CSF       REASON\n')
    expect(stdout).toContain('TWO_ATTESTATIONS  PASSED   RC.RP-05  two count: forensics lead, system owner\n')
    expect(stdout).toContain('CANARY_PARTNERS   MISSING  –         the transition names no waves\n')
    operators.script.guards = GUARDS.slice(0, 1)
    expect((await operators.run(['system', 'check', 'PARTS_LOGISTICS'])).code).toBe(0)
  })

  test.each([
    ['FEED_SILENT', null, ['open', 'quarantine']],
    ['ORDERED', null, ['open', 'quarantine']],
    ['ORDERED', '2025-10-07T00:00:00.000Z', ['quarantine', 'restore']],
    ['INDICATOR_REPORTED', null, ['quarantine', 'restore']],
    ['BACKUP_NOT_BEFORE_INTRUSION', null, ['restore']],
  ] as const)('of what is suspended for %s, distrusted since %s, shows why and the ways out %j', async (...how) => {
    const [cause, distrustSince, ways] = how
    const at = '2025-10-08T06:00:00.000Z'
    const suspension = {
      cause,
      reason: 'as told',
      at,
      from: 'OPEN',
      distrustSince,
      lastKnownGood: false,
      recorded: true,
    } as const
    operators.script.state = declaredState({ PARTS_LOGISTICS: { lifecycle: 'SUSPENDED', suspension } })
    const { stdout } = await operators.run(['system', 'check', 'parts-logistics'])
    expect(stdout).toContain(`  Parts logistics is SUSPENDED since 2025-10-08 06:00Z, ${cause}: as told.`)
    expect([...stdout.matchAll(/^system (\w+) parts-logistics /gm)].map(([, verb]) => verb)).toEqual(ways)
    expect(stdout).toContain('\n\nParts logistics: SUSPENDED → ')
  })

  test('gives machines the view and the same exit code', async () => {
    const { code, stdout } = await operators.run(['system', 'check', 'parts-logistics', '--json'])
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ system: 'PARTS_LOGISTICS', to: 'LIMITED_OPEN', guards: GUARDS })
  })

  test.each([
    [[], 'NAME is missing'],
    [['parts'], 'NAME parts: must be one of parts-logistics, wholesale-finance, production-schedule'],
    [['parts-logistics', 'twice'], 'there is no argument "twice"'],
    [['parts-logistics', '--to', 'AJAR'], '--to AJAR: must be one of ISOLATED'],
    [['parts-logistics', '--admin', 'nowhere'], '--admin nowhere: must be the URL'],
  ])('refuses %j and says where it stands how it is used', async (args, message) => {
    const { code, stdout, stderr } = await operators.run(['system', 'check', ...args])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(new RegExp(`^${message.replace(/[()]/g, '.')}`))
    expect(stderr).toMatch(/\nSee: recovery-gateway system check --help\n$/)
  })
})

test('system attestations shows who attests, until when, and by which ids', async () => {
  const id = '3f2a1c9e-7b64-4d58-9a10-5c8e2f7d6b01'
  const times = { issuedAt: '2025-10-07T14:00:00.000Z', expiresAt: '2025-10-08T02:00:00.000Z' }
  const signedBy = { keyId: 'k', role: 'SYSTEM_OWNER', name: 'Callum Brathwaite' } as const
  operators.script.attestations = [{ id, signedBy, ...times, intrusionRevision: 2, standing: 'EXPIRED' }]
  const list = (...args: readonly string[]) => operators.run(['system', 'attestations', 'parts-logistics', ...args])
  const row = 'EXPIRED   2025-10-07 14:00Z  2025-10-08 02:00Z  2         SYSTEM_OWNER, Callum Brathwaite\n'
  expect((await list()).stdout).toContain(`\n3f2a1c9e  ${row}`)
  expect((await list('--long')).stdout).toContain(`\n${id}  EXPIRED `)
  expect(JSON.parse((await list('--json')).stdout)).toMatchObject([{ id, standing: 'EXPIRED', role: 'SYSTEM_OWNER' }])
  operators.script.attestations = []
  expect((await list()).stdout).toBe('Parts logistics: nobody attests what is restored now.\n')
})

test('partner list shows who may ask, and in which wave', async () => {
  const entry = {
    bpnl: 'BPNL00000R000121',
    name: 'Hartwell Retail Group',
    roles: ['RETAILER'] as const,
    scopes: ['parts:read'],
    sites: [],
    wave: 1,
    clients: ['dms-hartwell'],
    tokenBinding: 'DPOP' as const,
    disabled: true,
    limits: null,
  }
  operators.script.state = declaredState(
    {},
    { partners: new Map([[entry.bpnl, { entry, epoch: '1', grantedAt: '2025-10-01T00:00:00.000Z' }]]) },
  )
  const { code, stdout } = await operators.run(['partner', 'list'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^BPNL00000R000121 +Hartwell Retail Group +RETAILER +1 +DPOP +disabled +dms-hartwell$/m)
  expect(JSON.parse((await operators.run(['partner', 'list', '--json'])).stdout)).toMatchObject([{ bpnl: entry.bpnl }])
})

describe('checkpoint', () => {
  test('of an empty journal there is none', async () => {
    const { code, stdout, stderr } = await operators.run(['checkpoint'])
    expect([code, stdout]).toEqual([3, ''])
    expect(stderr).toMatch(/^the journal is empty/)
  })

  test('is printed, or added to a file as its last line', async () => {
    await operators.accept('FORENSICS_LEAD', 'incident-fact')
    const printed = await operators.run(['checkpoint'])
    expect(printed.stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/)

    const file = join(operators.directory, 'checkpoints')
    await operators.run(['checkpoint', '--out', file])
    const { code, stdout } = await operators.run(['checkpoint', '--out', file])
    expect([code, stdout]).toMatchObject([
      0,
      expect.stringContaining(`${file}: 1 entry, head ${operators.rows[0]?.hash}`),
    ])
    expect((await readFile(file, 'utf8')).trimEnd().split('\n')).toHaveLength(2)
  })
})
