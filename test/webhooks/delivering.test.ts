import type { PGlite } from '@electric-sql/pglite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { Webhook } from 'standardwebhooks'
import { createCounters } from '../../src/observe/counters.ts'
import { createEmbeddedDatabase, installEmbeddedJournal } from '../../src/recovery/journal/embedded-store.ts'
import { createDelivering, type Delivering, type DeliveringOptions } from '../../src/webhooks/delivering.ts'
import type { Endpoint } from '../../src/webhooks/endpoint.ts'
import { bulletinOf, type RestartReading } from '../../src/webhooks/news.ts'
import type { Outbox } from '../../src/webhooks/outbox.ts'
import { OUTBOX_DDL } from '../../src/webhooks/outbox-schema.ts'
import { createSender, type Sender } from '../../src/webhooks/sender.ts'
import { createTableOutbox } from '../../src/webhooks/table-outbox.ts'
import { type LogLine, quietLog } from '../connectors/quiet-log.ts'
import { openPglite } from '../support/pglite.ts'
import { ROLE, SCHEMA } from './outbox-contract.ts'
import { answering, type Receiver, SECRET, startReceiver, taken } from './receiver.ts'

/** From a real outbox to real receivers, by a clock of the test's own. */

const NEW_SECRET = `whsec_${Buffer.alloc(32, 9).toString('base64')}`
/** More than a busy machine needs for an answer. */
const TIMEOUT_MS = 1_000

let pglite: PGlite
let outbox: Outbox
let receiver: Receiver
let sender: Sender
let aheadMs: number
let mayRead: boolean
let readable: RestartReading
let lines: LogLine[]
let count = 0
let endpoint: Endpoint
const now = () => Date.now() + aheadMs

beforeAll(async () => {
  pglite = await openPglite()
  await installEmbeddedJournal(pglite, { schema: SCHEMA, role: ROLE })
  await pglite.exec(OUTBOX_DDL(SCHEMA, ROLE))
  outbox = createTableOutbox(createEmbeddedDatabase(pglite, ROLE), SCHEMA)
})
afterAll(() => pglite.close())

const reading = (sequence: number, lifecycle: string, updates: readonly string[] = []): RestartReading => ({
  sequence,
  systems: [
    { key: 'PARTS_LOGISTICS', since: '2025-10-08T06:00:00.000Z', componentStatus: 'OPERATIONAL', lifecycle } as never,
  ],
  updates: updates.map(id => ({ id, publishedAt: '2025-10-08T06:00:00.000Z' })),
  horizon: null,
})

beforeEach(async () => {
  receiver = await startReceiver()
  sender = createSender({ timeoutMs: TIMEOUT_MS, now })
  aheadMs = 0
  mayRead = true
  lines = []
  count += 1
  endpoint = endpointTo(receiver.url, [SECRET])
  await outbox.prepare([endpoint.key])
  await tell(reading(1, 'VERIFIED'))
})
afterEach(async () => {
  await sender.close()
  await receiver.close()
})

function endpointTo(url: string, secrets: readonly string[]): Endpoint {
  const signers = secrets.map(secret => new Webhook(secret))
  const sign: Endpoint['sign'] = (id, at, body) => signers.map(signer => signer.sign(id, at, body)).join(' ')
  return { id: `dms-${count}`, partner: 'BPNL00000R000121', url, key: `BPNL00000R000121/dms-${count}`, sign }
}

async function tell(next: RestartReading): Promise<void> {
  readable = next
  await outbox.tell(endpoint.key, bulletinOf(next, now()), now())
}

function delivering(options: Partial<DeliveringOptions> = {}): Delivering {
  const readers = { mayRead: () => mayRead, readAs: async () => (mayRead ? readable : null) }
  return createDelivering({
    endpoints: [endpoint],
    readers,
    outbox,
    sender,
    sequence: () => 99,
    timeoutMs: TIMEOUT_MS,
    attempts: 3,
    atOnce: 4,
    now,
    counters: createCounters(),
    log: quietLog(lines),
    ...options,
  })
}

const standing = async () => (await outbox.standing([endpoint.key]))[0]

describe('what is sent', () => {
  test('is what was queued, signed as the specification says, and once', async () => {
    await tell(reading(2, 'OPEN'))
    await delivering().settle()
    await delivering().settle()
    const [request] = receiver.requests
    expect(receiver.requests).toHaveLength(1)
    expect(request?.type).toBe('restart.system.changed')
    expect(request?.data).toMatchObject({ key: 'PARTS_LOGISTICS', lifecycle: 'OPEN' })
    const headers = request?.headers as Record<string, string>
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': expect.stringMatching(/^msg_/) })
    // By the library of the specification, its tolerance of five minutes included.
    expect(new Webhook(SECRET).verify(request?.text ?? '', headers)).toMatchObject({ type: 'restart.system.changed' })
    expect(() => new Webhook(NEW_SECRET).verify(request?.text ?? '', headers)).toThrow('No matching signature')
  })

  test('carries the signatures of both secrets while one takes the place of the other', async () => {
    endpoint = { ...endpoint, sign: endpointTo(receiver.url, [NEW_SECRET, SECRET]).sign }
    await tell(reading(2, 'OPEN'))
    await delivering().settle()
    const [request] = receiver.requests
    const headers = request?.headers as Record<string, string>
    for (const secret of [SECRET, NEW_SECRET])
      expect(new Webhook(secret).verify(request?.text ?? '', headers)).toMatchObject({ data: { lifecycle: 'OPEN' } })
  })

  test('goes to each endpoint in the order in which it came about', async () => {
    await tell(reading(2, 'OPEN', ['1']))
    aheadMs = 10
    await tell(reading(3, 'OPEN', ['1', '2']))
    await delivering().settle()
    expect(receiver.requests.map(({ data }) => data.id ?? data.key)).toEqual(['PARTS_LOGISTICS', '1', '2'])
  })
})

describe('a receiver that', () => {
  test('fails is tried again by the schedule, with the same id and body, until it takes it', async () => {
    receiver.answer = answering(500)
    await tell(reading(2, 'OPEN'))
    await delivering().settle()
    aheadMs = 4_000
    await delivering().settle()
    expect(receiver.requests).toHaveLength(1)
    aheadMs = 7_000
    await delivering().settle()
    aheadMs += 299_000
    await delivering().settle()
    expect(receiver.requests).toHaveLength(2)
    receiver.answer = taken
    aheadMs += 62_000
    await delivering().settle()
    expect(receiver.requests).toHaveLength(3)
    expect(new Set(receiver.requests.map(({ id, text }) => id + text)).size).toBe(1)
    expect(receiver.requests.every(({ isSigned }) => isSigned)).toBe(true)
    expect(await standing()).toMatchObject({ waiting: 0, dead: 0 })
  })

  test('never takes it has it given up, and sent again when an operator asks', async () => {
    receiver.answer = answering(404)
    await tell(reading(2, 'OPEN'))
    for (let look = 0; look < 5; look++) {
      await delivering().settle()
      aheadMs += 3_600_000
    }
    expect(receiver.requests).toHaveLength(3)
    expect(await outbox.dead([endpoint.key])).toMatchObject([{ attempts: 3, failure: 'answered 404' }])
    expect(lines.at(-1)).toMatchObject({ level: 'error', message: 'a webhook was given up' })
    receiver.answer = taken
    await outbox.retry(endpoint.key, null, now())
    await delivering().settle()
    expect(receiver.requests.at(-1)?.id).toBe(receiver.requests[0]?.id)
    expect(await standing()).toMatchObject({ waiting: 0, dead: 0 })
  })

  test.each([
    ['seconds', () => '600'],
    ['a date', () => new Date(now() + 600_000).toUTCString()],
  ])('asks to be waited for in %s is waited for', async (_, retryAfter) => {
    receiver.answer = answering(503, { 'retry-after': retryAfter() })
    await tell(reading(2, 'OPEN'))
    await delivering().settle()
    aheadMs = 590_000
    await delivering().settle()
    expect(receiver.requests).toHaveLength(1)
    aheadMs = 605_000
    await delivering().settle()
    expect(receiver.requests).toHaveLength(2)
  })

  test('does not answer in time keeps only its own news waiting', async () => {
    const other = await startReceiver()
    const quick = { ...endpointTo(other.url, [SECRET]), id: 'quick', key: `${endpoint.key}/quick` }
    await outbox.prepare([quick.key])
    for (const sequence of [1, 2]) {
      const { news, ...bulletin } = bulletinOf(reading(sequence, `${sequence}`), now())
      await outbox.tell(endpoint.key, { ...bulletin, news }, now())
      const others = news.map(one => ({ ...one, id: `${one.id}q` }))
      await outbox.tell(quick.key, { ...bulletin, news: others }, now())
    }
    receiver.answer = () => {}
    await delivering({ endpoints: [endpoint, quick] }).settle()
    expect(other.requests).toHaveLength(1)
    expect(await standing()).toMatchObject({ waiting: 1, failure: `did not answer within ${TIMEOUT_MS} ms` })
    await other.close()
  })

  test('says 410 is sent nothing more until an operator asks', async () => {
    receiver.answer = answering(410)
    await tell(reading(2, 'OPEN', ['1']))
    await delivering().settle()
    await tell(reading(3, 'SUSPENDED'))
    await delivering().settle()
    expect(receiver.requests).toHaveLength(1)
    expect(await standing()).toMatchObject({ disabledMs: expect.any(Number), dead: 2 })
  })

  test('leads elsewhere is not followed', async () => {
    const elsewhere = await startReceiver()
    receiver.answer = answering(307, { location: elsewhere.url })
    await tell(reading(2, 'OPEN'))
    await delivering().settle()
    expect([receiver.requests.length, elsewhere.requests.length]).toEqual([1, 0])
    expect(await standing()).toMatchObject({ waiting: 1, failure: 'answered 307' })
    await elsewhere.close()
  })

  test('answers with more than anybody reads has taken it, and none of it is in the log', async () => {
    receiver.answer = (_, response) => response.writeHead(200).end('s3cret'.repeat(100_000))
    await tell(reading(2, 'OPEN'))
    await delivering().settle()
    expect(await standing()).toMatchObject({ waiting: 0 })
    expect(JSON.stringify(lines)).not.toContain('s3cret')
  })

  test('is not there is tried again', async () => {
    endpoint = { ...endpoint, url: 'http://127.0.0.1:1/' }
    await tell(reading(2, 'OPEN'))
    await delivering().settle()
    expect(await standing()).toMatchObject({ waiting: 1, failure: 'could not be reached: ECONNREFUSED' })
  })
})

describe('a partner that', () => {
  test('may read nothing now is sent nothing of what waits, and is when it may again', async () => {
    await tell(reading(2, 'OPEN'))
    mayRead = false
    await delivering().settle()
    expect(receiver.requests).toHaveLength(0)
    mayRead = true
    await delivering().settle()
    expect(receiver.requests).toHaveLength(1)
  })

  test('is no longer meant by an update is not sent it', async () => {
    await tell(reading(2, 'OPEN', ['1', '2']))
    readable = reading(3, 'OPEN', ['2'])
    await delivering().settle()
    expect(receiver.requests.map(({ data }) => data.id ?? data.key)).toEqual(['PARTS_LOGISTICS', '2'])
    const fields = { endpoint: endpoint.id, webhookId: expect.stringMatching(/^msg_/), subject: 'update 1' }
    const withdrawn = lines.find(({ message }) => message.startsWith('a webhook was withdrawn'))
    expect(withdrawn).toMatchObject({ level: 'info', fields })
  })

  test('is told of an update that has been pushed out of the newest', async () => {
    await tell(reading(2, 'OPEN', ['1']))
    const asked: (string | null | undefined)[] = []
    const readers: DeliveringOptions['readers'] = {
      mayRead: () => true,
      async readAs(_, updateId) {
        asked.push(updateId)
        return reading(2, 'OPEN', updateId === '1' ? ['9', '1'] : ['9'])
      },
    }
    await delivering({ readers }).settle()
    expect(receiver.requests.map(({ data }) => data.id ?? data.key)).toEqual(['PARTS_LOGISTICS', '1'])
    expect(asked).toEqual([null, '1'])
  })
})

describe('what is overtaken before it is sent', () => {
  test('is not sent, and what is so now is, once', async () => {
    await tell(reading(2, 'OPEN', ['1']))
    readable = { ...reading(3, 'SUSPENDED'), updates: [{ id: '1', publishedAt: '2025-10-08T07:00:00.000Z' }] }
    await delivering().settle()
    await delivering().settle()
    expect(receiver.requests.map(({ data }) => data.publishedAt ?? data.lifecycle).toSorted()).toEqual([
      '2025-10-08T07:00:00.000Z',
      'SUSPENDED',
    ])
    expect(lines.filter(({ message }) => message.startsWith('a webhook is not sent: it was overtaken'))).toHaveLength(1)
    expect(await standing()).toMatchObject({ waiting: 0, dead: 0 })
  })

  test('is not sent to an endpoint that was gone and is sent to again', async () => {
    receiver.answer = answering(410)
    await tell(reading(2, 'OPEN'))
    await delivering().settle()
    readable = reading(3, 'SUSPENDED')
    receiver.answer = taken
    await outbox.retry(endpoint.key, null, now())
    await delivering().settle()
    expect(receiver.requests.map(({ data }) => data.lifecycle)).toEqual(['OPEN', 'SUSPENDED'])
  })

  test('is not what an instance holds for it that has read less of the journal', async () => {
    await tell(reading(3, 'SUSPENDED'))
    readable = reading(2, 'OPEN')
    await delivering().settle()
    expect(receiver.requests.map(({ data }) => data.lifecycle)).toEqual(['SUSPENDED'])
  })
})

test('an instance that stops in the middle of a message leaves it to the next', async () => {
  const arrived = Promise.withResolvers<void>()
  receiver.answer = () => arrived.resolve()
  await tell(reading(2, 'OPEN'))
  const stopping = delivering()
  const settled = stopping.settle()
  await arrived.promise
  await stopping.stop(0)
  await settled
  receiver.answer = taken
  await delivering().settle()
  expect(receiver.requests).toHaveLength(2)
  expect(receiver.requests[0]?.id).toBe(receiver.requests[1]?.id)
  expect(await standing()).toMatchObject({ waiting: 0, failure: null })
})
