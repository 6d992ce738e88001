import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { EMBEDDED_CONFIG_FILE } from '../../src/config/embedded.ts'
import { type Config, loadConfig } from '../../src/config/load-config.ts'
import { systemClock } from '../../src/model/clock.ts'
import { ConfigError } from '../../src/model/operator-file.ts'
import { type SelfTest, type SelfTestOptions, selfTest } from '../../src/self-test/self-test.ts'
import { WriteAccepted } from '../../src/systems/connector.ts'

let directory: string
let config: Config
let signingKey: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-self-test-'))
  signingKey = join(directory, 'signing-key.jwk.json')
  const embedded = await loadConfig(EMBEDDED_CONFIG_FILE, {})
  config = { ...embedded, recovery: { ...embedded.recovery, signingKey } }
  await writeFile(signingKey, '')
})
afterAll(() => rm(directory, { recursive: true }))

interface Tested {
  readonly problems: readonly string[]
  readonly passed: SelfTest | null
  readonly told: readonly unknown[]
}

async function tested(change: Partial<SelfTestOptions>, mode = 0o600): Promise<Tested> {
  await chmod(signingKey, mode)
  const told: unknown[] = []
  const log = { warn: (fields: object, message: string) => void told.push({ ...fields, message }) }
  return selfTest({ config, proofs: [], clocks: [], clock: systemClock, log, ...change }).then(
    passed => ({ problems: [], passed, told }),
    (thrown: unknown) => ({
      problems: thrown instanceof ConfigError ? thrown.problems : [String(thrown)],
      passed: null,
      told,
    }),
  )
}

const clock = (ms: number) => ({ of: 'the shared store', offsetMs: async () => ms })

describe('the self-test', () => {
  test('says what it looked at and how long that took', async () => {
    const { passed, told } = await tested({
      proofs: [
        { system: 'PARTS_LOGISTICS', failure: null },
        { system: 'WHOLESALE_FINANCE', failure: new Error('the database is away') },
      ],
      clocks: [clock(0)],
    })
    expect(told).toEqual([])
    expect(passed).toEqual({
      cachedFields: expect.any(Number),
      readOnlySystems: 1,
      files: expect.any(Number),
      clocks: 1,
      tookMs: expect.any(Number),
    })
  })

  test('refuses to start with all that is wrong at once', async () => {
    const took = new WriteAccepted('the database accepted a write')
    const { problems, told } = await tested(
      { proofs: [{ system: 'WHOLESALE_FINANCE', failure: took }], clocks: [clock(7_000)] },
      0o644,
    )
    expect(told).toEqual([])
    expect(problems).toEqual([
      'the self-test failed; nothing is served',
      "systems.WHOLESALE_FINANCE: took a write (the database accepted a write); give the gateway's account there the right to read and no other",
      `recovery.signingKey: ${signingKey}: has the mode 0644, so other users can use the private key; run: chmod 0600 '${signingKey}'`,
      'the clock of this machine is 7 s behind that of the shared store; correct it (allowed are 5 s, selfTest.clockSeconds)',
    ])
  })

  test('a system that cannot be reached keeps nothing from starting', async () => {
    const proofs = [{ system: 'PARTS_LOGISTICS', failure: new Error('ECONNREFUSED') }] as const
    expect((await tested({ proofs })).problems).toEqual([])
  })

  test.each([
    [5_000, []],
    [-5_000, []],
    [-6_000, [expect.stringContaining('is 6 s ahead of that of the shared store')]],
    [5_001, [expect.stringContaining('behind that of the shared store')]],
  ])('a clock that is %d ms off', async (ms, expected) => {
    expect((await tested({ clocks: [clock(ms)] })).problems.slice(1)).toEqual(expected)
  })

  test('a clock that cannot be asked is logged, and keeps nothing from starting', async () => {
    const away = { of: 'the shared store', offsetMs: () => Promise.reject(new Error('it is away')) }
    const { problems, told } = await tested({ clocks: [away] })
    expect(problems).toEqual([])
    expect(told).toContainEqual({
      clock: 'the shared store',
      error: new Error('it is away'),
      message: 'a clock cannot be compared with that of this machine',
    })
  })
})
