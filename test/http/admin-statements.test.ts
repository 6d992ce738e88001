import { afterEach, describe, expect, test } from '@jest/globals'
import { GatewayError } from '../../src/model/errors.ts'
import { StatementRefusal } from '../../src/recovery/statements/refusal.ts'
import { declaredState } from '../support/declared-recovery.ts'
import { type AdminUnderTest, type Answers, GUARD, RECEIPT, STATE, startAdmin, TOKEN } from './admin-desk.ts'

let admin: AdminUnderTest
afterEach(() => admin.app.close())

const JOSE = { 'content-type': 'application/jose' }

function post(payload: string, options: { url?: string; headers?: Record<string, string>; answers?: Answers } = {}) {
  const { url = '/statements', headers = JOSE, answers = {} } = options
  admin = startAdmin(answers)
  return admin.app.inject({ method: 'POST', url, headers, payload })
}

describe('a statement that is handed in', () => {
  test('reaches the desk without the white space around it, and its receipt is answered', async () => {
    const answer = await post(` ${TOKEN}\r\n`)
    expect(admin.asked).toEqual([['submit', TOKEN]])
    const { sequence, recordedAt, guards, statement } = RECEIPT
    const receipt = { sequence, recordedAt, guards, id: statement.id, kind: 'revocation' }
    expect([answer.statusCode, answer.json()]).toEqual([201, receipt])
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  test('is logged with who signed it and where it stands, never with its token', async () => {
    const answer = await post(TOKEN)
    expect(admin.lines).toEqual([
      expect.objectContaining({
        message: 'a statement was accepted',
        requestId: answer.headers['x-request-id'],
        statement: RECEIPT.statement.id,
        kind: 'revocation',
        name: 'F. Lead',
        role: 'FORENSICS_LEAD',
        sequence: 7,
      }),
    ])
    expect(JSON.stringify(admin.lines)).not.toContain(TOKEN.slice(0, 20))
  })

  test('and refused is answered with the reason and every guard', async () => {
    const refuse = async () => Promise.reject(new StatementRefusal('GUARD_UNMET', 'One guard.', { guards: [GUARD] }))
    const answer = await post(TOKEN, { answers: { submit: refuse } })
    expect([answer.statusCode, answer.json()]).toEqual([
      422,
      { code: 'GUARD_UNMET', message: 'One guard.', guards: [GUARD] },
    ])
  })

  test.each([
    [TOKEN, 'indicator-report'],
    [TOKEN.replace(/^[^.]+/, Buffer.from('{"typ":"made-up+jwt"}').toString('base64url')), null],
    ['no statement', null],
  ])('and refused is logged with its kind only where that is known', async (token, kind) => {
    const refuse = async () => Promise.reject(new StatementRefusal('BAD_SIGNATURE', 'Not signed so.'))
    const answer = await post(token, { answers: { submit: refuse } })
    expect(admin.lines).toEqual([
      expect.objectContaining({
        message: 'a statement was refused',
        requestId: answer.headers['x-request-id'],
        kind,
        code: 'BAD_SIGNATURE',
        reason: 'Not signed so.',
      }),
    ])
    expect(JSON.stringify(admin.lines)).not.toContain(token)
  })

  test('is asked for again where the journal is out of reach', async () => {
    const refuse = async () => Promise.reject(new StatementRefusal('JOURNAL_OUT_OF_REACH', 'Out of reach.'))
    const answer = await post(TOKEN, { answers: { submit: refuse } })
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'JOURNAL_OUT_OF_REACH'])
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
  })

  test('is not answered with what went wrong inside', async () => {
    const fail = async () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.3'))
    const answer = await post(TOKEN, { answers: { submit: fail } })
    expect([answer.statusCode, answer.json().code]).toEqual([500, 'INTERNAL'])
    expect(answer.body).not.toContain('10.0.0.3')
    expect(JSON.stringify(admin.lines)).toContain('10.0.0.3')
  })
})

describe('a body that is no statement reaches no desk:', () => {
  const rejected = async (status: number, code: string, ...given: Parameters<typeof post>) => {
    const answer = await post(...given)
    expect([answer.statusCode, answer.json()]).toEqual([status, { code, message: expect.any(String) }])
    expect(admin.asked).toEqual([])
    return answer
  }

  test.each([
    'application/json',
    'application/jose+json',
    'application/jose; charset=utf-8',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
  ])('%s', type => rejected(415, 'UNSUPPORTED_MEDIA_TYPE', TOKEN, { headers: { 'content-type': type } }))

  test('no type', () => rejected(415, 'UNSUPPORTED_MEDIA_TYPE', TOKEN, { headers: {} }))

  test('an encoded one', () =>
    rejected(415, 'UNSUPPORTED_MEDIA_TYPE', TOKEN, { headers: { ...JOSE, 'content-encoding': 'gzip' } }))

  test('one of more than 64 KiB', () => rejected(413, 'PAYLOAD_TOO_LARGE', 'a'.repeat(65_537)))

  test.each(['false', '', 'TRUE', '1', 'true&dryRun=true', 'true&force=true'])('dryRun=%s', value =>
    rejected(400, 'BAD_REQUEST', TOKEN, { url: `/statements?dryRun=${value}` }),
  )

  test('another parameter', () => rejected(400, 'BAD_REQUEST', TOKEN, { url: '/statements?force=true' }))
})

test('a body of 64 KiB, or none, is for the desk to judge', async () => {
  expect((await post('a'.repeat(65_536))).statusCode).toBe(201)
  await admin.app.close()
  expect((await post('')).statusCode).toBe(201)
  expect(admin.asked).toEqual([['submit', '']])
})

describe('a dry run', () => {
  const url = '/statements?dryRun=true'

  test('answers what would change, and hands nothing in', async () => {
    const after = declaredState({ WHOLESALE_FINANCE: { lifecycle: 'SUSPENDED' } })
    const systems = [{ key: 'WHOLESALE_FINANCE', from: 'LIMITED_OPEN', to: 'SUSPENDED' } as const]
    const answer = await post(TOKEN, {
      url,
      answers: {
        preview: async () => ({ refusal: null, guards: [GUARD], before: STATE, after }),
        impact: (from, to) => ({
          systems: from === STATE && to === after ? systems : [],
          partners: [],
          operations: [],
        }),
      },
    })
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { refusal: null, guards: [GUARD], systems, partners: [], operations: [] },
    ])
    expect(admin.asked).toEqual([['preview', TOKEN]])
    expect(admin.lines).toEqual([
      expect.objectContaining({ message: 'a statement was tried out', kind: 'indicator-report', code: null }),
    ])
  })

  test('that would be refused is answered with the refusal, and is no error', async () => {
    const refusal = new StatementRefusal('REPLAYED', 'It stands in the journal.')
    const preview = async () => ({ refusal, guards: [], before: STATE, after: STATE })
    const answer = await post(TOKEN, { url, answers: { preview } })
    expect([answer.statusCode, answer.json().refusal]).toEqual([
      200,
      { code: 'REPLAYED', message: 'It stands in the journal.', guards: [] },
    ])
  })
})

test('no more than 16 statements wait at the desk, and there is room again once they are done', async () => {
  const held = Promise.withResolvers<void>()
  const full = Promise.withResolvers<void>()
  let waiting = 0
  admin = startAdmin({
    async submit() {
      waiting += 1
      if (waiting === 16) full.resolve()
      await held.promise
      return RECEIPT
    },
  })
  const send = () => admin.app.inject({ method: 'POST', url: '/statements', headers: JOSE, payload: TOKEN })
  const taken = Array.from({ length: 16 }, send)
  await full.promise

  const refused = await send()
  expect([refused.statusCode, refused.json().code, refused.headers['retry-after']]).toEqual([429, 'RATE_LIMITED', '1'])
  const check = await admin.app.inject('/systems/parts-logistics/check')
  expect(check.statusCode).toBe(429)

  held.resolve()
  expect((await Promise.all(taken)).map(answer => answer.statusCode)).toEqual(Array(16).fill(201))
  expect((await send()).statusCode).toBe(201)
})

test('a listener that stops takes no statement', async () => {
  admin = startAdmin()
  await admin.app.ready()
  await admin.app.drain()
  const answer = await admin.app.inject({ method: 'POST', url: '/statements', headers: JOSE, payload: TOKEN })
  const { httpStatus } = new GatewayError('SHUTTING_DOWN', '')
  expect([answer.statusCode, answer.json().code, answer.headers['retry-after']]).toEqual([
    httpStatus,
    'SHUTTING_DOWN',
    '1',
  ])
  expect(admin.asked).toEqual([])
})
