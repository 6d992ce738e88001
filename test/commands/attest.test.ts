import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { sampleClaims } from '../recovery/statements/sample.ts'
import { claimsOf, type Operators, type Script, startOperators } from './operators.ts'

let operators: Operators
beforeAll(async () => {
  operators = await startOperators()
})
afterAll(() => operators.close())
beforeEach(() => {
  operators.rows.length = 0
  operators.script.attestations = []
})

const attest = (...args: readonly string[]) => operators.run(['system', 'attest', 'parts-logistics', '--yes', ...args])

type Standing = Script['attestations'][number]['standing']

/** An attestation in the journal, and as the gateway lists it. */
async function attested(role: 'FORENSICS_LEAD' | 'SYSTEM_OWNER', id: string, standing: Standing) {
  const { issuedAt, expiresAt, signedBy, ...statement } = await operators.accept(role, 'restore-attestation', {
    restore: { ...sampleClaims('restore-attestation').restore, environment: id },
  })
  const view = {
    id: statement.id,
    signedBy: { ...signedBy, role },
    issuedAt,
    expiresAt,
    intrusionRevision: 1,
    standing,
  }
  operators.script.attestations = [...operators.script.attestations, view]
  return statement.id
}

const environmentOf = (index: number) => claimsOf(operators.rows.at(index)).restore

test('an attestation is signed for as long as the policy lets it count, about the named system', async () => {
  const file = join(operators.directory, 'claims.yaml')
  const { sub: _, ...claims } = sampleClaims('restore-attestation')
  await writeFile(file, JSON.stringify(claims))
  const { code } = await attest('--claims', file)
  expect(code).toBe(0)
  const signed = claimsOf(operators.rows[0])
  expect(signed).toMatchObject({ sub: 'urn:restored-system:parts-logistics', ...claims })
  expect(Number(signed.exp) - Number(signed.iat)).toBe(12 * 3_600)
})

test('claims of another system are refused', async () => {
  const file = join(operators.directory, 'other.yaml')
  await writeFile(
    file,
    JSON.stringify({ ...sampleClaims('restore-attestation'), sub: 'urn:restored-system:wholesale-finance' }),
  )
  const { code, stderr } = await attest('--claims', file)
  expect(code).toBe(3)
  expect(stderr).toContain('sub: is of another system; must be urn:restored-system:parts-logistics, or be left out')
})

test('the latest of the own role is renewed with a new id and new times, and is shown', async () => {
  await attested('FORENSICS_LEAD', 'older', 'EXPIRED')
  const latest = await attested('FORENSICS_LEAD', 'newer', 'EXPIRED')
  await attested('SYSTEM_OWNER', 'of another role', 'VALID')
  const { code, stderr } = await attest('--renew', 'latest')
  expect(code).toBe(0)
  expect(stderr).toContain('environment: newer')
  const [old, renewed] = [operators.rows.find(row => row.statementId === latest), operators.rows.at(-1)]
  const { jti, iat, exp, ...claims } = claimsOf(renewed)
  expect(claimsOf(old)).toMatchObject({ restore: claims.restore, totals: claims.totals, checks: claims.checks })
  expect(jti).not.toBe(latest)
  expect(Number(exp) - Number(iat)).toBe(12 * 3_600)
})

test('one is renewed by its id, by the role that gave it', async () => {
  const older = await attested('SYSTEM_OWNER', 'older', 'VALID')
  await attested('SYSTEM_OWNER', 'newer', 'VALID')
  expect((await attest('--renew', older, '--as', 'SYSTEM_OWNER')).code).toBe(0)
  expect(environmentOf(-1)).toMatchObject({ environment: 'older' })
  const byAnother = await attest('--renew', older)
  expect([byAnother.code, byAnother.stderr]).toEqual([
    3,
    'Parts logistics: none by FORENSICS_LEAD counts for what is restored now; attest anew with --claims\n',
  ])
})

test.each(['REVOKED', 'WITHDRAWN'] as const)('one that is %s is not said again by itself', async standing => {
  const id = await attested('FORENSICS_LEAD', 'taken back', standing)
  for (const wanted of ['latest', id]) {
    const { code, stderr } = await attest('--renew', wanted)
    expect(code).toBe(3)
    expect(stderr).toMatch(/^Parts logistics: none by FORENSICS_LEAD counts for what is restored now; attest anew with/)
    expect(stderr).toContain(`${id} ${standing}, until `)
  }
  expect(operators.rows).toHaveLength(1)
})

test.each([[[]], [['--claims', 'x', '--renew', 'latest']], [['--draft', '--renew', 'latest']]])(
  '%j says not what is attested',
  async args => {
    const { code, stderr } = await attest(...args)
    expect(code).toBe(2)
    expect(stderr).toMatch(/^say what is attested: --claims FILE, --renew ID\|latest or --draft, and one of them\n/)
  },
)
