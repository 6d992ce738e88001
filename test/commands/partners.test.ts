import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { sampleClaims } from '../recovery/statements/sample.ts'
import { claimsOf, type Operators, startOperators } from './operators.ts'

let operators: Operators
beforeAll(async () => {
  operators = await startOperators()
})
afterAll(() => operators.close())
beforeEach(() => {
  operators.rows.length = 0
})

describe('partner', () => {
  const grant = sampleClaims('partner-grant')
  const granted = 'partner' in grant ? grant.partner : undefined

  test.each([
    ['add', 'REGISTER'],
    ['change', 'CHANGE'],
  ])('%s signs what the file grants, as %s', async (verb, action) => {
    const file = join(operators.directory, `${verb}.yaml`)
    await writeFile(file, JSON.stringify({ bpnl: 'BPNL00000R000121', ...granted }))
    const { code, stderr } = await operators.run(['partner', verb, file, '--yes'])
    expect([code, stderr]).toEqual([0, expect.stringContaining('(PARTNER_MANAGER)')])
    expect(claimsOf(operators.rows[0])).toMatchObject({ sub: 'urn:partner:BPNL00000R000121', action, partner: granted })
  })

  test('disable needs nothing but the number', async () => {
    expect((await operators.run(['partner', 'disable', 'BPNL00000R000121', '--yes'])).code).toBe(0)
    const { sub, action, partner } = claimsOf(operators.rows[0])
    expect([sub, action, partner]).toEqual(['urn:partner:BPNL00000R000121', 'DISABLE', undefined])
  })

  test('a file without a number, or with a setting that is none, is refused by its name', async () => {
    const add = (entry: object) =>
      operators.run(['partner', 'add', '-', '--yes'], { stdin: async () => JSON.stringify(entry) })
    expect((await add({ ...granted })).stderr).toContain('standard input: bpnl: is missing')
    const { code, stderr } = await add({ bpnl: 'BPNL00000R000121', ...granted, scope: 'all' })
    expect(code).toBe(3)
    expect(stderr).toMatch(/^standard input: scope: is not a claim/)
  })

  test('disable refuses what is no BPNL', async () => {
    const { code, stderr } = await operators.run(['partner', 'disable', 'Hartwell', '--yes'])
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^BPNL Hartwell: must be BPNL and 12/)])
  })
})

describe('update publish', () => {
  const publish = (...args: readonly string[]) => operators.run(['update', 'publish', '--yes', ...args])

  test('signs the news as of now, under a name of its own', async () => {
    const before = Date.now()
    const options = ['--audience', 'supplier', '--audience', 'RETAILER', '--affects', 'parts-logistics']
    const rest = ['--headline', 'It goes on', '--next-update-by', '2030-01-01T12:00:00Z']
    const { code, stderr } = await publish('--title', 'Parts: open to «wave 1»!', '--body', 'Text', ...options, ...rest)
    expect([code, stderr]).toEqual([0, expect.stringContaining('(COMMUNICATIONS_LEAD)')])
    const claims = claimsOf(operators.rows[0])
    expect(claims).toMatchObject({
      audience: ['SUPPLIER', 'RETAILER'],
      title: 'Parts: open to «wave 1»!',
      body: 'Text',
      affects: ['PARTS_LOGISTICS'],
      headline: 'It goes on',
      next_update_by: '2030-01-01T12:00:00Z',
    })
    expect(claims.sub).toMatch(/^urn:restart-update:\d{4}-\d\d-\d\dt\d{6}-parts-open-to-wave-1$/)
    expect(Date.parse(String(claims.published_at))).toBeGreaterThanOrEqual(before)
  })

  test('makes public what it is told to, and leaves it as it is otherwise', async () => {
    expect((await publish('--title', 'x', '--body', 'Text')).code).toBe(0)
    expect(Object.keys(claimsOf(operators.rows[0])).filter(name => name.startsWith('public'))).toEqual([])
    const facets = ['--public-facet', 'SYSTEMS', '--public-facet', 'RESTART']
    expect((await publish('--title', 'y', '--body', 'Text', '--public', ...facets)).code).toBe(0)
    expect(claimsOf(operators.rows.at(-1))).toMatchObject({ public: true, public_facets: ['RESTART', 'SYSTEMS'] })
    expect((await publish('--title', 'z', '--body', 'Text', '--public-facet', 'NONE')).code).toBe(0)
    expect(claimsOf(operators.rows.at(-1))).toMatchObject({ public_facets: [] })
  })

  test('takes the text from a file, and any title for a name', async () => {
    const file = join(operators.directory, 'news.txt')
    await writeFile(file, 'First line.\n\nSecond.\n')
    expect((await publish('--title', '…'.repeat(3) + 'x'.repeat(150), '--body-file', file)).code).toBe(0)
    expect(claimsOf(operators.rows[0])).toMatchObject({ body: 'First line.\n\nSecond.', audience: [], affects: [] })
    expect((await publish('--title', '日本', '--body', 'Text')).code).toBe(0)
  })

  test.each([
    [['--body', 'x'], '--title is missing'],
    [['--title', 'x'], 'say the news: either --body or --body-file'],
    [['--title', 'x', '--body', 'x', '--body-file', 'y'], 'say the news'],
    [['--title', 'x', '--body', 'x', '--audience', 'ALL'], '--audience ALL: must be one of SUPPLIER'],
    [['--title', 'x', '--body', 'x', '--public-facet', 'ALL'], '--public-facet ALL: must be one of RESTART'],
    [['--title', 'x', '--body', 'x', '--public-facet', 'NONE', '--public-facet', 'SITES'], 'NONE stands by itself'],
    [['--title', 'x', '--body', 'x', '--next-update-by', 'noon'], '--next-update-by noon: must be a time'],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await publish(...args)
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
  })
})
