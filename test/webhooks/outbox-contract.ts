import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { News, Outbox } from '../../src/webhooks/outbox.ts'

/** What the outbox must do, in whatever database: one suite for the server and the embedded one. */
export interface OutboxUnderTest {
  /** Opens another instance's outbox on the same tables, as the gateway's role. */
  open(): Outbox
  asRole(sql: string): Promise<unknown>
  dispose(): Promise<void>
}

export const SCHEMA = 'journal'
export const ROLE = 'journal_writer'

const NOW = Date.parse('2025-10-08T06:00:00Z')
const LEASE_MS = 70_000
let count = 0

function news(subject: string, digest: string, changedMs = NOW): News {
  count += 1
  return { subject, digest, changedMs, id: `msg_${count}`, body: JSON.stringify({ subject, digest }) }
}

export function describeOutbox(name: string, prepare: () => Promise<OutboxUnderTest>): void {
  describe(`the outbox ${name}`, () => {
    let under: OutboxUnderTest
    let a: Outbox
    let b: Outbox
    let endpoint: string

    beforeAll(async () => {
      under = await prepare()
      a = under.open()
      b = under.open()
    })
    afterAll(async () => {
      await Promise.all([a?.close(), b?.close()])
      await under?.dispose()
    })
    const tell = (
      outbox: Outbox,
      sequence: number,
      some: readonly News[],
      { endpoint: to = endpoint, horizonMs = null }: { endpoint?: string; horizonMs?: number | null } = {},
    ) => outbox.tell(to, { sequence, news: some, horizonMs }, NOW)

    beforeEach(async () => {
      count += 1
      endpoint = `BPNL/endpoint-${count}`
      await a.prepare([endpoint])
      await b.prepare([endpoint])
      await tell(a, 1, [news('parts', 'closed'), news('finance', 'closed')])
    })

    const claim = (outbox = a, sequence = 99, nowMs = NOW) => outbox.claim([endpoint], sequence, nowMs, LEASE_MS)
    const bodies = async () => {
      const found: string[] = []
      for (let next = await claim(); next !== null; next = await claim()) {
        found.push(JSON.parse(next.body).digest)
        await a.settle(next, { kind: 'delivered' }, NOW)
      }
      return found
    }

    test('has all that it uses, and changes nothing to see it', async () => {
      await tell(a, 2, [news('parts', 'open')])
      const [before, dead] = [await a.standing([endpoint]), await a.dead([endpoint])]
      await a.prove()
      expect([await a.standing([endpoint]), await a.dead([endpoint])]).toEqual([before, dead])
      expect(await bodies()).toEqual(['open'])
    })

    test('tells a new endpoint nothing of what is there already, and then what is new', async () => {
      expect(await bodies()).toEqual([])
      expect(await tell(a, 2, [news('parts', 'open'), news('finance', 'closed')])).toBe(1)
      expect(await bodies()).toEqual(['open'])
      expect(await tell(a, 3, [news('update 1', 'said')])).toBe(1)
      expect(await bodies()).toEqual(['said'])
    })

    test('tells what several instances have seen once', async () => {
      const changes = Array.from({ length: 20 }, (_, index) => index + 2)
      for (const sequence of changes) {
        const told = await Promise.all([a, b, a, b].map(one => tell(one, sequence, [news('parts', `${sequence}`)])))
        expect(told.reduce((sum, one) => sum + one)).toBe(1)
      }
      expect(await bodies()).toEqual(['21'])
    })

    test('takes nothing from an instance that has not read as far, nor from one that has not seen the closing', async () => {
      await tell(a, 5, [news('parts', 'suspended', NOW + 1)])
      expect(await tell(b, 4, [news('parts', 'open', NOW + 2)])).toBe(0)
      expect(await tell(b, 5, [news('parts', 'open', NOW)])).toBe(0)
      expect(await tell(b, 6, [news('parts', 'suspended', NOW + 1)])).toBe(0)
      expect(await bodies()).toEqual(['suspended'])
    })

    test('keeps of each subject the last news alone, whether it waits or was given up', async () => {
      await tell(a, 2, [news('parts', 'open')])
      await tell(a, 3, [news('parts', 'suspended')])
      const next = await claim()
      expect(next?.body).toContain('suspended')
      if (next) await a.settle(next, { kind: 'failed', failure: 'answered 500', retryMs: null }, NOW)
      expect(await a.dead([endpoint])).toMatchObject([{ subject: 'parts', attempts: 1, failure: 'answered 500' }])
      await tell(a, 4, [news('parts', 'open again')])
      expect(await a.dead([endpoint])).toEqual([])
      expect(await bodies()).toEqual(['open again'])
    })

    test('gives an endpoint to one instance at a time, and to another when its lease is over', async () => {
      await tell(a, 2, [news('parts', 'open'), news('finance', 'open')])
      const [mine, theirs] = await Promise.all([claim(a), claim(b)])
      expect([mine, theirs].filter(one => one !== null)).toHaveLength(1)
      expect(await claim(a, 9, NOW + LEASE_MS - 1)).toBeNull()
      const again = await claim(b, 9, NOW + LEASE_MS)
      expect(again?.id).toBe((mine ?? theirs)?.id)
      // Whoever was late has sent it all the same, and takes nothing from whoever has the endpoint now.
      const late = mine ?? theirs
      if (late) await a.settle(late, { kind: 'delivered' }, NOW + LEASE_MS)
      expect(await claim(a, 9, NOW + LEASE_MS)).toBeNull()
    })

    test('lets two instances send all of many, each once', async () => {
      const endpoints = Array.from({ length: 12 }, (_, index) => `${endpoint}/${index}`)
      await a.prepare(endpoints)
      for (const one of endpoints) {
        await tell(a, 1, [news('parts', 'closed'), news('finance', 'closed')], { endpoint: one })
        await tell(a, 2, [news('parts', 'open'), news('finance', 'open')], { endpoint: one })
      }
      const sent: string[] = []
      const work = async (outbox: Outbox) => {
        for (;;) {
          const next = await outbox.claim(endpoints, 9, NOW, LEASE_MS)
          if (next === null) return
          sent.push(next.id)
          await outbox.settle(next, { kind: 'delivered' }, NOW)
        }
      }
      await Promise.all([work(a), work(b), work(a), work(b)])
      // Whoever finds every endpoint taken stops; what is left is for the next look.
      await work(a)
      expect(sent).toHaveLength(24)
      expect(new Set(sent).size).toBe(24)
    })

    test('gives nothing from beyond what an instance has read of the journal', async () => {
      await tell(a, 7, [news('parts', 'open')])
      expect(await claim(b, 6)).toBeNull()
      expect(await claim(b, 7)).not.toBeNull()
    })

    test('waits as long as it is told to after a failure, and tries what was given up again when asked', async () => {
      await tell(a, 2, [news('parts', 'open')])
      const first = await claim()
      if (first) await a.settle(first, { kind: 'failed', failure: 'answered 500', retryMs: 5_000 }, NOW)
      expect(await claim(a, 9, NOW + 4_999)).toBeNull()
      const second = await claim(a, 9, NOW + 5_000)
      expect([second?.id, second?.attempts]).toEqual([first?.id, 1])
      if (second) await a.settle(second, { kind: 'failed', failure: 'answered 502', retryMs: null }, NOW + 5_000)
      expect(await claim(a, 9, NOW + 999_999)).toBeNull()
      expect(await a.standing([endpoint])).toEqual([
        { endpoint, disabledMs: null, deliveredMs: null, waiting: 0, oldestMs: null, dead: 1, failure: 'answered 502' },
      ])
      expect(await a.retry(endpoint, 'msg_of_another', NOW)).toBe(0)
      expect(await a.retry(endpoint, second?.id ?? '', NOW)).toBe(1)
      expect(await bodies()).toEqual(['open'])
      expect(await a.standing([endpoint])).toMatchObject([{ waiting: 0, dead: 0, deliveredMs: NOW }])
    })

    test('tells an endpoint that is gone nothing, and on its return what has become of it meanwhile', async () => {
      await tell(a, 2, [news('parts', 'open'), news('finance', 'open')])
      const next = await claim()
      if (next) await a.settle(next, { kind: 'gone', failure: 'answered 410' }, NOW)
      expect(await a.standing([endpoint])).toMatchObject([{ disabledMs: NOW, waiting: 0, dead: 2 }])
      expect(await tell(a, 3, [news('parts', 'suspended')])).toBe(0)
      expect(await claim()).toBeNull()
      expect(await a.retry(endpoint, 'msg_of_another', NOW)).toBe(0)
      expect(await a.standing([endpoint])).toMatchObject([{ disabledMs: NOW, waiting: 0, dead: 2 }])
      expect(await a.retry(endpoint, null, NOW)).toBe(2)
      expect(await tell(a, 3, [news('parts', 'suspended')])).toBe(1)
      expect((await bodies()).toSorted()).toEqual(['open', 'suspended'])
    })

    test('tells again what was withdrawn, should it be readable again', async () => {
      await tell(a, 2, [news('update 1', 'said')])
      const next = await claim()
      if (next) await a.settle(next, { kind: 'withdrawn' }, NOW)
      expect(await bodies()).toEqual([])
      expect(await tell(a, 2, [news('update 1', 'said')])).toBe(1)
    })

    test('gives whoever was tried longest ago first, whatever became of it', async () => {
      const endpoints = ['x', 'y', 'z'].map(name => `${endpoint}/${name}`)
      await a.prepare(endpoints)
      for (const one of endpoints) {
        await tell(a, 1, [news('parts', 'closed')], { endpoint: one })
        await tell(a, 2, [news('parts', 'open')], { endpoint: one })
      }
      const outcomes = [
        { kind: 'failed', failure: 'did not answer', retryMs: 0 },
        { kind: 'put back' },
        { kind: 'overtaken' },
      ] as const
      const served: string[] = []
      for (let turn = 0; turn < 6; turn++) {
        const next = await a.claim(endpoints, 9, NOW + turn, LEASE_MS)
        served.push(next?.endpoint ?? '')
        if (next) await a.settle(next, outcomes[turn % 3] ?? { kind: 'put back' }, NOW + turn)
      }
      expect(served).toEqual([...endpoints, ...endpoints])
    })

    test('says as what a message was queued, so that it can be seen to be overtaken', async () => {
      await tell(a, 2, [news('parts', 'open', NOW + 7)])
      await tell(a, 3, [news('parts', 'open', NOW + 8)])
      expect((await claim())?.told).toEqual({ sequence: 3, changedMs: NOW + 8, digest: 'open' })
      await a.put(`${endpoint}`, news('test', ''), NOW - 1)
      expect((await claim(b, 99, NOW + LEASE_MS))?.told).toBeNull()
    })

    test('takes what comes into sight from beyond the horizon for old', async () => {
      const update = (id: number) => news(`update ${id}`, 'said', NOW + id)
      expect(await tell(a, 2, [update(5), update(4)], { horizonMs: NOW + 4 })).toBe(2)
      expect(await tell(a, 3, [update(6), update(3), update(2)], { horizonMs: NOW + 2 })).toBe(1)
      // It never comes nearer again, and what stands beyond it is taken for known from then on.
      expect(await tell(b, 4, [update(3), update(1)])).toBe(0)
      expect(await tell(b, 5, [{ ...update(3), digest: 'said otherwise' }])).toBe(1)
    })

    test('keeps no test for an endpoint that is disabled, and says since when it is', async () => {
      expect(await a.put(endpoint, news('test', ''), NOW)).toBeNull()
      const next = await claim()
      if (next) await a.settle(next, { kind: 'gone', failure: 'answered 410' }, NOW + 9)
      expect(await a.put(endpoint, news('test', ''), NOW + 10)).toBe(NOW + 9)
      expect(await a.standing([endpoint])).toMatchObject([{ waiting: 0, dead: 1 }])
    })

    test.each([
      `DELETE FROM "${SCHEMA}".webhook_endpoint`,
      `TRUNCATE "${SCHEMA}".webhook_delivery`,
      `DROP TABLE "${SCHEMA}".webhook_told`,
      `ALTER TABLE "${SCHEMA}".webhook_delivery ADD COLUMN more text`,
      `UPDATE "${SCHEMA}".entry SET seal = ''`,
    ])('its role may not: %s', async sql => {
      await expect(under.asRole(sql)).rejects.toMatchObject({ code: '42501' })
    })
  })
}
