import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { DeadWebhookView, WebhookView } from '../../src/http/admin/api.ts'
import { type Operators, startOperators } from './operators.ts'

const ENDPOINT: WebhookView = {
  id: 'hartwell-dms',
  partner: 'BPNL00000R000121',
  receiver: 'https://dms.hartwell.example',
  state: 'ACTIVE',
  waiting: 2,
  oldestAt: '2025-10-08T06:00:00.000Z',
  dead: 1,
  deliveredAt: null,
  failure: 'answered 503',
}
const DEAD: DeadWebhookView = {
  endpoint: 'hartwell-dms',
  id: 'msg_7a4c1b1e-4c35-4f0e-9c7f-7d0c7b8f2f10',
  subject: 'system PARTS_LOGISTICS',
  queuedAt: '2025-10-04T06:00:00.000Z',
  givenUpAt: '2025-10-08T05:00:00.000Z',
  attempts: 10,
  failure: 'answered 404',
}

let operators: Operators
beforeAll(async () => {
  operators = await startOperators()
})
afterAll(() => operators.close())
beforeEach(() => {
  operators.script.webhooks = [ENDPOINT]
  operators.script.deadWebhooks = [DEAD]
  operators.script.webhookTest = { kind: 'queued' }
})
const run = (...args: readonly string[]) => operators.run(['webhook', ...args], { columns: 300 })

describe('webhook list', () => {
  test('shows each endpoint: its state, what waits since when, what was given up, and why', async () => {
    const { code, stdout } = await run('list')
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^hartwell-dms +BPNL00000R000121 +ACTIVE +2 +2025-10-08 06:00Z +1 +– +https:\/\/dms.hartwell.example, answered 503$/m,
    )
    expect(JSON.parse((await run('list', '--json')).stdout)).toEqual([ENDPOINT])
  })

  test('says so where there is none', async () => {
    operators.script.webhooks = []
    expect((await run('list')).stdout).toBe('No endpoint of webhooks is configured.\n')
  })
})

test('webhook dead shows what was given up, each by an id that can be retried', async () => {
  expect((await run('dead')).stdout).toMatch(
    /^hartwell-dms +msg_7a4c1b1e +2025-10-04 06:00Z +2025-10-08 05:00Z +10 +system PARTS_LOGISTICS +answered 404$/m,
  )
  expect((await run('dead', '--long')).stdout).toContain(` ${DEAD.id} `)
  expect(JSON.parse((await run('dead', '--json')).stdout)).toEqual([DEAD])
  operators.script.deadWebhooks = []
  expect((await run('dead')).stdout).toBe('No webhook was given up.\n')
})

test('webhook retry says how many are tried again, and no where the one that was named is not among them', async () => {
  expect(await run('retry', 'hartwell-dms')).toMatchObject({
    code: 0,
    stdout: 'hartwell-dms: 1 webhook is tried again.\n',
  })
  expect(await run('retry', 'hartwell-dms', '--id', DEAD.id)).toMatchObject({ code: 0 })
  expect(await run('retry', 'hartwell-dms', '--id', 'msg_other')).toMatchObject({
    code: 1,
    stdout:
      'hartwell-dms: no webhook msg_other was given up there, and nothing is changed; webhook dead --long has the ids.\n',
  })
})

test('webhook test says that it is on its way', async () => {
  expect(await run('test', 'hartwell-dms')).toMatchObject({ code: 0, stdout: 'hartwell-dms: a test is on its way.\n' })
})

test.each([
  [
    'has answered 410',
    { kind: 'gone', since: '2025-10-08T06:00:00.000Z' },
    'hartwell-dms has been disabled since 2025-10-08T06:00:00.000Z, when its receiver answered 410; webhook retry hartwell-dms enables it.',
  ],
  [
    'is of a partner without the right',
    { kind: 'no right' },
    'The partner of hartwell-dms is disabled or has no restart:read, and is sent nothing; partner list shows it.',
  ],
] as const)('webhook test says at once that nothing is sent to an endpoint that %s', async (_, answer, sentence) => {
  operators.script.webhookTest = answer
  const { code, stdout, stderr } = await run('test', 'hartwell-dms')
  expect([code, stdout]).toEqual([3, ''])
  expect(stderr).toContain(`refused with 409 ENDPOINT_DISABLED: ${sentence}`)
})

test.each(['retry', 'test'])('webhook %s refuses an endpoint that there is not', async verb => {
  expect(await run(verb)).toMatchObject({ code: 2, stderr: expect.stringMatching(/^ENDPOINT is missing/) })
  const { code, stderr } = await run(verb, '../statements')
  expect([code, stderr]).toEqual([3, expect.stringContaining('refused with 404 NOT_FOUND: There is no such endpoint')])
})
