import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { claimsOf, type Operators, startOperators } from './operators.ts'

/** What is taken back for good. */

let operators: Operators
beforeAll(async () => {
  operators = await startOperators()
})
afterAll(() => operators.close())
beforeEach(() => {
  operators.rows.length = 0
})

const REASON = ['--reason', 'not thorough', '--yes'] as const

describe('system revoke', () => {
  const ids = ['3f2a1c9e-7b64-4d58-9a10-5c8e2f7d6b01', '3f2a1c9e-7b64-4d58-9a10-5c8e2f7d6b02'] as const
  const revoke = (id: string, ...rest: readonly string[]) => operators.run(['system', 'revoke', id, ...REASON, ...rest])
  beforeEach(() => {
    const times = { issuedAt: '2025-10-07T14:00:00.000Z', expiresAt: '2025-10-08T02:00:00.000Z' }
    const signedBy = { keyId: 'k', role: 'SYSTEM_OWNER', name: 'Callum Brathwaite' } as const
    operators.script.attestations = [ids[0], 'a07c55d1-7b64-4d58-9a10-5c8e2f7d6b01'].map(id => ({
      id,
      signedBy,
      ...times,
      intrusionRevision: 2,
      standing: 'VALID',
    }))
  })

  test.each([ids[0], '3f2a1c9e', '3F2A1C9E-7b64'])('%s takes the attestation back, and shows whose it is', async id => {
    const { code, stderr } = await revoke(id)
    expect(code).toBe(0)
    expect(stderr).toMatch(
      /^Attestation of Parts logistics by Callum Brathwaite \(SYSTEM_OWNER\), VALID, until 2025-10-08 02:00Z\n/,
    )
    expect(claimsOf(operators.rows[0])).toMatchObject({ sub: `urn:statement:${ids[0]}`, reason: 'not thorough' })
  })

  test.each([
    ['3f2a1c9', 'no attestation has this id'],
    ['bbbbbbbb', 'no attestation has this id'],
  ])('%s names none', async (id, problem) => {
    const { code, stderr } = await revoke(id)
    expect([code, stderr]).toEqual([3, expect.stringContaining(`ID ${id}: ${problem}`)])
    expect(operators.rows).toEqual([])
  })

  test('the beginning of two names none', async () => {
    operators.script.attestations = operators.script.attestations.map((one, index) => ({
      ...one,
      id: ids[index] ?? '',
    }))
    const { code, stderr } = await revoke('3f2a1c9e')
    expect([code, stderr]).toEqual([3, expect.stringContaining('more than one attestation begins so')])
    expect((await revoke(ids[1])).code).toBe(0)
  })
})

describe('keys withdraw', () => {
  const withdraw = (keyId: string) => operators.run(['keys', 'withdraw', keyId, ...REASON])

  test('names the key and its holder', async () => {
    const { keyId, name } = operators.keys.all().find(({ role }) => role === 'BUSINESS_OWNER') ?? {
      keyId: '',
      name: '',
    }
    const { code, stderr } = await withdraw(keyId)
    expect([code, stderr]).toEqual([0, expect.stringContaining(`Key of ${name} (BUSINESS_OWNER)\n`)])
    expect(claimsOf(operators.rows[0])).toMatchObject({ sub: `urn:key:${keyId}`, reason: 'not thorough' })
  })

  test('of one that is not pinned lists those that are', async () => {
    const { code, stderr } = await withdraw('nobody')
    expect(code).toBe(3)
    expect(stderr).toMatch(/^KEYID nobody: is not pinned; pinned are\n/)
    for (const { keyId } of operators.keys.all()) expect(stderr).toContain(`\n  ${keyId}  `)
  })
})

test.each([
  ['system', 'revoke', 'ID'],
  ['keys', 'withdraw', 'KEYID'],
])('%s %s without an operand or a reason is refused', async (noun, verb, operand) => {
  expect((await operators.run([noun, verb, ...REASON])).stderr).toMatch(new RegExp(`^${operand} is missing\n`))
  expect((await operators.run([noun, verb, 'x', '--yes'])).stderr).toMatch(/^--reason is missing\n/)
})
