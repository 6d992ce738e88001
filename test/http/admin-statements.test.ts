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

  test('is answered without a time to come again where the journal does not verify', async () => {
    const refuse = async () => Promise.reject(new StatementRefusal('JOURNAL_NOT_VERIFIED', 'Entry 3.'))
    const answer = await post(TOKEN, { answers: { submit: refuse } })
    expect([answer.statusCode, answer.json().code, answer.headers['retry-after']]).toEqual([
      503,
      'JOURNAL_NOT_VERIFIED',
      undefined,
    ])
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
        impact: async (from, to) => ({
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

describe('what waits is bounded by its kind:', () => {
  const send = (url = '/statements') =>
    admin.app.inject({ method: 'POST', url, headers: JOSE, payload: TOKEN }).then(answer => answer)
  const tryOut = () => send('/statements?dryRun=true')
  const check = () => admin.app.inject('/systems/parts-logistics/check').then(answer => answer)
  const journal = () => admin.app.inject('/journal').then(answer => answer)
  const checkpoint = () => admin.app.inject('/journal/checkpoint').then(answer => answer)
  const statuses = async (answers: readonly Promise<{ statusCode: number }>[]) =>
    (await Promise.all(answers)).map(({ statusCode }) => statusCode)

  /** A listener whose every answer waits, and how many do. */
  function startHeld() {
    const held = Promise.withResolvers<void>()
    const waiting = { count: 0 }
    const hold = async () => {
      waiting.count += 1
      await held.promise
    }
    admin = startAdmin({
      submit: () => hold().then(() => RECEIPT),
      preview: () => hold().then(() => ({ refusal: null, guards: [], before: STATE, after: STATE })),
      check: hold,
      restart: {
        rows: () => hold().then(() => []),
        checkpoint: () => hold().then(() => null),
      },
    })
    return {
      release: held.resolve,
      async until(count: number) {
        while (waiting.count < count) await new Promise(setImmediate)
      },
    }
  }

  test('no reading, check or dry run keeps a statement out', async () => {
    const { release, until } = startHeld()
    const reads = [tryOut(), tryOut(), check(), check(), journal(), checkpoint()]
    await until(reads.length)
    expect(await statuses([tryOut(), check(), journal(), checkpoint()])).toEqual([429, 429, 429, 429])
    const statement = send()
    await until(reads.length + 1)
    release()
    expect((await statement).statusCode).toBe(201)
    expect(await statuses(reads)).toEqual(Array(6).fill(200))
    expect(await statuses([tryOut(), check(), journal(), checkpoint()])).toEqual([200, 200, 200, 200])
  })

  test('of 65 statements one is to come again, and there is room once the others are done', async () => {
    const { release, until } = startHeld()
    const taken = Array.from({ length: 64 }, () => send())
    await until(64)
    const refused = await send()
    expect([refused.statusCode, refused.json().code, refused.headers['retry-after']]).toEqual([
      429,
      'RATE_LIMITED',
      '1',
    ])
    release()
    expect(await statuses(taken)).toEqual(Array(64).fill(201))
    expect((await send()).statusCode).toBe(201)
  })
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
    expect.stringMatching(/^[123]$/),
  ])
  expect(admin.asked).toEqual([])
})
