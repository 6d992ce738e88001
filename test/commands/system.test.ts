import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { SystemLifecycle } from '../../src/model/system.ts'
import { StatementRefusal } from '../../src/recovery/statements/refusal.ts'
import { declaredState } from '../support/declared-recovery.ts'
import { serverConfiguration } from '../support/server-configuration.ts'
import { claimsOf, GUARDS, type Operators, startOperators } from './operators.ts'

let operators: Operators
beforeAll(async () => {
  operators = await startOperators()
})
afterAll(() => operators.close())
beforeEach(() => {
  operators.script.refusal = null
  operators.script.guards = []
  operators.script.impact = { systems: [], partners: [], operations: [] }
  operators.rows.length = 0
})

function inLifecycle(lifecycle: SystemLifecycle): void {
  operators.script.state = declaredState({ PARTS_LOGISTICS: { lifecycle } })
}

const system = (verb: string, ...args: readonly string[]) => operators.run(['system', verb, 'parts-logistics', ...args])

async function transition(from: SystemLifecycle, verb: string, ...args: readonly string[]) {
  inLifecycle(from)
  const { code, stderr } = await system(verb, '--yes', ...args)
  expect([code, stderr]).toEqual([0, expect.stringContaining('lifecycle-transition')])
  return claimsOf(operators.rows.at(-1))
}

describe('a step', () => {
  test.each([
    ['clear', 'ISOLATED', 'CLEARED_FOR_RESTORE'],
    ['restore', 'CLEARED_FOR_RESTORE', 'RESTORING'],
    ['quarantine', 'SUSPENDED', 'QUARANTINED'],
    ['verify', 'QUARANTINED', 'VERIFIED'],
    ['open', 'LIMITED_OPEN', 'OPEN'],
    ['normalise', 'OPEN', 'NORMAL_OPERATION'],
    ['close', 'OPEN', 'SUSPENDED'],
    ['suspend', 'NORMAL_OPERATION', 'SUSPENDED'],
    ['isolate', 'OPEN', 'ISOLATED'],
  ] as const)('%s from %s leads to %s', async (verb, from, to) => {
    expect(await transition(from, verb)).toMatchObject({ sub: 'urn:restored-system:parts-logistics', from, to })
  })

  test.each(['VERIFIED', 'SUSPENDED', 'LIMITED_OPEN'] as const)(
    'open from %s with waves leads to those waves',
    async from => {
      const claims = await transition(from, 'open', '--wave', '2', '--wave', '1', '--wave', '2')
      expect(claims).toMatchObject({ from, to: 'LIMITED_OPEN', waves: [1, 2] })
    },
  )

  test.each(['VERIFIED', 'SUSPENDED'] as const)('open from %s needs waves', async from => {
    inLifecycle(from)
    const { code, stderr } = await system('open', '--yes')
    expect(code).toBe(2)
    expect(stderr).toMatch(new RegExp(`^--wave N is missing: from ${from} a system opens to waves of partners first\n`))
  })

  test.each([
    ['OPEN', /^Parts logistics is OPEN already, since .*Z\.\n/, 'normalise'],
    ['RESTORING', /^Parts logistics is RESTORING since .*: there is no step from RESTORING to OPEN\.\n/, 'quarantine'],
  ] as const)('open from %s is none: nobody is asked to sign, and told what leads on', async (from, message, verb) => {
    inLifecycle(from)
    const { code, stdout, stderr } = await system('open', '--yes')
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(message)])
    expect(stderr).not.toContain('Signed by')
    expect(stderr).toContain(`\n\nWHAT LEADS ON`)
    expect(stderr).toMatch(new RegExp(`^system ${verb} parts-logistics +[A-Z_]+$`, 'm'))
  })

  test('is signed by the recovery lead, the opening to all by the system owner, or by whoever is named', async () => {
    inLifecycle('LIMITED_OPEN')
    const signer = async (...args: readonly string[]) =>
      /Signed by {4}.*\((\w+)\)/.exec((await system(...(args as [string]), '--yes')).stderr)?.[1]
    expect(await signer('close')).toBe('RECOVERY_LEAD')
    expect(await signer('open')).toBe('SYSTEM_OWNER')
    expect(await signer('open', '--wave', '1')).toBe('RECOVERY_LEAD')
    expect(await signer('close', '--as', 'forensics-lead')).toBe('FORENSICS_LEAD')
    expect(await signer('close', '--key', operators.keyFile('SYSTEM_OWNER'))).toBe('SYSTEM_OWNER')
  })

  test('says what its options and its file of facts say', async () => {
    const facts = join(operators.directory, 'facts.yaml')
    await writeFile(facts, 'gateway_hosts: [parts-db]\ncontact: of the file\n')
    const times = ['--gap-from', '2025-08-20T00:00:00Z', '--gap-until', '2025-10-01T00:00:00Z']
    const options = ['--contact', 'help desk', '--workaround', 'by form', '--reason', 'first wave', '--facts', facts]
    expect(await transition('VERIFIED', 'open', '--wave', '1', ...times, ...options)).toMatchObject({
      waves: [1],
      contact: 'help desk',
      workaround: 'by form',
      reason: 'first wave',
      gap: { from: '2025-08-20T00:00:00Z', until: '2025-10-01T00:00:00Z' },
      gateway_hosts: ['parts-db'],
    })
    const suspended = await transition('OPEN', 'suspend', '--distrust-since', '2025-10-02T00:00:00+02:00')
    expect(suspended).toMatchObject({ distrust_since: '2025-10-02T00:00:00+02:00' })
  })

  test('does not let a file of facts say where the step leads', async () => {
    inLifecycle('OPEN')
    const args = ['system', 'close', 'parts-logistics', '--facts', '-', '--yes']
    const { code, stderr } = await operators.run(args, { stdin: async () => 'to: NORMAL_OPERATION\n' })
    expect(code).toBe(3)
    expect(stderr).toContain('standard input: to: is said by the command itself; leave it out')
    expect(operators.rows).toEqual([])
  })

  test.each([
    ['close', ['--wave', '1'], 'there is no option --wave'],
    ['close', ['--distrust-since', '2025-10-02T00:00:00Z'], 'there is no option --distrust-since'],
    ['open', ['--distrust-since', '2025-10-02T00:00:00Z'], 'there is no option --distrust-since'],
    ['open', ['--wave', '0'], '--wave 0: must be a whole number from 1 to 99'],
    ['open', ['--gap-from', '2025-10-02T00:00:00Z'], '--gap-from and --gap-until belong together'],
    ['suspend', ['--distrust-since', 'yesterday'], '--distrust-since yesterday: must be a time'],
    ['suspend', ['--occurred-at', '2025-10-02'], '--occurred-at 2025-10-02: must be a time'],
  ])('%s refuses %j', async (verb, args, message) => {
    const { code, stderr } = await system(verb, '--yes', ...args)
    expect(code).toBe(2)
    expect(stderr).toContain(message)
    expect(stderr).toContain(`\nSee: recovery-gateway system ${verb} --help\n`)
  })
})

describe('before anything is signed', () => {
  test('the person at the terminal sees it and is asked', async () => {
    inLifecycle('OPEN')
    const asked: string[] = []
    const ask = async (question: string) => {
      asked.push(question)
      return asked.length > 1
    }
    const no = await operators.run(['system', 'close', 'parts-logistics'], { ask })
    expect(no).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('Nothing was signed.\n') })
    expect(operators.rows).toEqual([])
    const yes = await operators.run(['system', 'close', 'parts-logistics'], { ask })
    expect(yes).toMatchObject({ code: 0, stdout: expect.stringContaining('is entry 1 of the journal') })
    expect(asked).toEqual(['Sign and submit? [y/N] ', 'Sign and submit? [y/N] '])
    expect(yes.stderr).toMatch(/\n\n {2}from: OPEN\n {2}to: SUSPENDED\n/)
  })

  test('where nobody can be asked, nothing is done without --yes', async () => {
    inLifecycle('OPEN')
    const { code, stderr } = await system('close')
    expect(code).toBe(2)
    expect(stderr).toContain('there is no terminal')
    expect(operators.rows).toEqual([])
  })

  test('what a stranger put into a claim cannot act on the terminal', async () => {
    inLifecycle('OPEN')
    const { stderr } = await system('close', '--yes', '--reason', 'a\u202eb')
    expect(stderr).toContain('reason: a\\u{202e}b\n')
    expect(claimsOf(operators.rows[0])).toMatchObject({ reason: 'a\u202eb' })
  })
})

describe('from SUSPENDED', () => {
  test('only who distrusts what it gave suspends it again; whoever wants it closed has that, and is told what leads on', async () => {
    const at = '2025-10-02T00:00:00Z'
    const suspension = {
      cause: 'INDICATOR_REPORTED',
      reason: 'a case',
      at,
      distrustSince: at,
      lastKnownGood: false,
    } as const
    operators.script.state = declaredState({
      PARTS_LOGISTICS: { lifecycle: 'SUSPENDED', suspension: { ...suspension, from: 'OPEN', recorded: true } },
    })
    for (const verb of ['close', 'suspend']) {
      const { code, stderr } = await system(verb, '--yes')
      expect([code, stderr]).toEqual([0, expect.stringMatching(/^Parts logistics is closed already\./)])
      expect(stderr).toContain('system suspend parts-logistics --distrust-since T')
      // The data are in doubt: it cannot simply be opened.
      expect(stderr).toContain('system quarantine parts-logistics')
      expect(stderr).not.toContain('system open')
    }
    expect(operators.rows).toEqual([])
    const claims = await transition('SUSPENDED', 'suspend', '--distrust-since', '2025-10-02T00:00:00Z')
    expect(claims).toMatchObject({ from: 'SUSPENDED', to: 'SUSPENDED', distrust_since: '2025-10-02T00:00:00Z' })
  })
})

describe('after it was accepted', () => {
  test('says how many guards passed, and what is in force now; --verbose shows each', async () => {
    inLifecycle('VERIFIED')
    operators.script.guards = GUARDS.slice(0, 1)
    const { stdout } = await system('open', '--wave', '1', '--yes')
    expect(stdout).toMatch(
      /^Accepted: .* recorded at \S+Z\.\n1 guard passed\.\nIn force now:\n\n {2}Parts logistics: VERIFIED, answers nobody\.\n$/,
    )
    const verbose = await system('open', '--wave', '1', '--yes', '--verbose')
    expect(verbose.stdout).toMatch(/^Accepted: .*\n\nGUARD +OUTCOME .*\nTWO_ATTESTATIONS +PASSED .*\n\nIn force now:/)
    const { sequence, guards } = JSON.parse((await system('open', '--wave', '1', '--yes', '--json')).stdout)
    expect([sequence, guards]).toEqual([3, operators.script.guards])
  })
})

describe('what is wrong is blamed where it was said', () => {
  test('an option by its name', async () => {
    inLifecycle('OPEN')
    const { code, stderr } = await system('close', '--yes', '--reason', '')
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^--reason: is empty; must be text .*\nSee: recovery-gateway system close/),
    ])
    const gap = ['--gap-from', '2025-10-02T00:00:00Z', '--gap-until', '2025-10-01T00:00:00Z']
    inLifecycle('VERIFIED')
    const backwards = await system('open', '--wave', '1', '--yes', ...gap)
    expect([backwards.code, backwards.stderr]).toEqual([
      2,
      expect.stringMatching(/^--gap-until: .*must not be before from\n/),
    ])
  })

  test('what a file says by its place in the file', async () => {
    inLifecycle('VERIFIED')
    const facts = join(operators.directory, 'wrong.yaml')
    await writeFile(facts, 'contact: ""\ngap: { from: yesterday }\nwish: 1\n')
    const { code, stderr } = await system('open', '--wave', '1', '--yes', '--facts', facts)
    expect(code).toBe(3)
    const places = stderr
      .trimEnd()
      .split('\n')
      .map(line => line.split(': ').slice(0, 2))
    expect(places).toEqual(['gap.from', 'gap.until', 'contact', 'wish'].map(place => [facts, place]))
  })
})

describe('a dry run', () => {
  test('shows guards, systems, partners by name and operations, asks nobody and changes nothing', async () => {
    inLifecycle('OPEN')
    operators.script.guards = GUARDS.slice(0, 1)
    operators.script.impact = {
      systems: [{ key: 'PARTS_LOGISTICS', from: 'OPEN', to: 'SUSPENDED' }],
      partners: Array.from({ length: 23 }, (_, index) => ({
        bpnl: `BPNL00000R${String(index).padStart(6, '0')}`,
        name: `Retailer ${index}`,
        system: 'PARTS_LOGISTICS',
        change: 'ANSWERED_TO_REFUSED',
      })),
      operations: [
        {
          name: 'PartsEnquiry',
          operation: 'a'.repeat(64),
          systems: ['PARTS_LOGISTICS'],
          change: 'ANSWERED_TO_REFUSED',
          partners: ['BPNL00000R000001'],
          partnersInAll: 117,
          timesAsked: 1204,
          lastAskedAt: '2025-10-08T08:00:00.000Z',
        },
      ],
    }
    const { code, stdout } = await system('close', '--dry-run')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Dry run: would be accepted; nothing has changed.\n1 guard passed.\n\nSYSTEM /)
    expect(stdout).toMatch(/^Parts logistics {2}OPEN → SUSPENDED$/m)
    expect(stdout).toMatch(
      /^Parts logistics, answered → refused: 23 partners\n\n {2}Retailer 0 \(BPNL00000R000000\), /m,
    )
    expect(stdout.replace(/\s+/g, ' ')).toContain('Retailer 19 (BPNL00000R000019), and 3 more')
    expect(stdout).toMatch(/^PartsEnquiry +answered → refused {2}1204 +2025-10-08 08:00Z {2}117 +Parts logistics$/m)
    expect(operators.rows).toEqual([])
  })

  test('says when nobody is concerned', async () => {
    inLifecycle('OPEN')
    const { stdout } = await system('close', '--dry-run')
    expect(stdout).toContain(
      'No system changes its lifecycle.\n\nNo system begins or ceases to answer a partner.\n\nNo operation',
    )
  })

  test('of a step that would be refused says why and is no success', async () => {
    inLifecycle('VERIFIED')
    operators.script.refusal = new StatementRefusal('GUARD_UNMET', 'no waves', { guards: GUARDS })
    const { code, stdout } = await system('open', '--wave', '1', '--dry-run')
    expect(code).toBe(1)
    expect(stdout).toMatch(/^Dry run: would be refused: GUARD_UNMET\n\nGUARD +OUTCOME/)
    const forMachines = await system('open', '--wave', '1', '--dry-run', '--json')
    expect(JSON.parse(forMachines.stdout)).toMatchObject({ refusal: { code: 'GUARD_UNMET' }, guards: GUARDS })
  })
})

test('a gateway that is not embedded has no sample keys', async () => {
  const config = join(operators.directory, 'server.yaml')
  await writeFile(config, serverConfiguration())
  inLifecycle('OPEN')
  const { code, stderr } = await system('close', '--yes', '--config', config)
  expect(code).toBe(2)
  expect(stderr).toMatch(/^--key FILE is missing: only the embedded default has sample keys\n/)
})
