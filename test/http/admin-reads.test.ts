import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { SYSTEM_KEYS } from '../../src/model/system.ts'
import { JournalFault } from '../../src/recovery/journal/journal.ts'
import type { Attestation, Transition } from '../../src/recovery/system-state.ts'
import { declaredState } from '../support/declared-recovery.ts'
import { type AdminUnderTest, GUARD, row, startAdmin } from './admin-desk.ts'

let admin: AdminUnderTest
beforeEach(() => {
  admin = startAdmin({ rows: [1, 2, 3].map(row) })
})
afterEach(() => admin.app.close())

const read = (url: string) => admin.app.inject(url)

describe('the status', () => {
  const transition: Transition = {
    from: 'VERIFIED',
    to: 'LIMITED_OPEN',
    at: '2025-10-06T07:59:00.000Z',
    recordedAt: '2025-10-06T08:00:00.000Z',
    sequence: 5,
    statement: 'id',
    digest: 'd'.repeat(64),
    signedBy: { keyId: 'k', role: 'RECOVERY_LEAD', name: 'R. Lead' },
    guards: [],
  }
  const state = declaredState(
    {
      PARTS_LOGISTICS: { lifecycle: 'LIMITED_OPEN', waves: [1, 2], transitions: [transition] },
      WHOLESALE_FINANCE: {
        lifecycle: 'SUSPENDED',
        transitions: [transition],
        suspension: {
          cause: 'FEED_SILENT',
          reason: 'Silent for 30 h.',
          at: '2025-10-07T08:00:00.000Z',
          from: 'LIMITED_OPEN',
          distrustSince: null,
          lastKnownGood: false,
          recorded: true,
        },
      },
    },
    {
      intrusion: {
        revision: 4,
        earliestIntrusionAt: '2025-08-25T00:00:00.000Z',
        confidence: 'HIGH',
        indicatorsDatedAt: null,
        statedAt: '2025-09-03T00:00:00.000Z',
      },
    },
  )

  test('shows the restart, the journal and each system as the gate obeys it', async () => {
    await admin.app.close()
    const epochs = { PARTS_LOGISTICS: '', WHOLESALE_FINANCE: '', PRODUCTION_SCHEDULE: '' }
    admin = startAdmin({
      restart: {
        recovery: { current: () => ({ state, epochs }) },
        evidenceUntil: key => (key === 'PARTS_LOGISTICS' ? '2025-10-07T20:00:00.000Z' : null),
      },
      healthOf: key => ({
        asOf: null,
        failure: key === 'WHOLESALE_FINANCE' ? 'DEADLINE_EXCEEDED' : null,
        warning: null,
      }),
    })
    const answer = await read('/status')
    expect(answer.statusCode).toBe(200)
    const { systems, ...rest } = answer.json()
    expect(rest).toEqual({
      incidentReference: 'INC-1',
      headline: 'Systems come back.',
      phase: 'RESILIENCE_AND_RECOVERY',
      journal: { condition: 'FOLLOWED', sequence: 7, lastReadAt: null, problem: null },
      intrusion: { revision: 4, earliestIntrusionAt: '2025-08-25T00:00:00.000Z', confidence: 'HIGH' },
    })
    expect(systems.map(({ key }: { key: string }) => key)).toEqual(SYSTEM_KEYS)
    expect(systems[0]).toEqual({
      key: 'PARTS_LOGISTICS',
      name: 'Parts logistics',
      lifecycle: 'LIMITED_OPEN',
      since: '2025-10-06T08:00:00.000Z',
      waves: [1, 2],
      suspension: null,
      evidenceUntil: '2025-10-07T20:00:00.000Z',
      asOf: null,
      failure: null,
      warning: null,
      openedBy: { to: 'LIMITED_OPEN', at: transition.at, name: 'R. Lead', role: 'RECOVERY_LEAD', sequence: 5 },
    })
  })

  test('names no opening for a system that the gateway has closed since, but why it did', async () => {
    await admin.app.close()
    const epochs = { PARTS_LOGISTICS: '', WHOLESALE_FINANCE: '', PRODUCTION_SCHEDULE: '' }
    admin = startAdmin({ restart: { recovery: { current: () => ({ state, epochs }) } } })
    const [, finance] = (await read('/status')).json().systems
    expect(finance).toMatchObject({
      lifecycle: 'SUSPENDED',
      openedBy: null,
      suspension: { cause: 'FEED_SILENT', reason: 'Silent for 30 h.', distrustSince: null, lastKnownGood: false },
    })
  })
})

describe('a check', () => {
  test('asks the desk for the next step, or for the one that is named', async () => {
    const answer = await read('/systems/parts-logistics/check')
    expect(answer.json()).toEqual({
      system: 'PARTS_LOGISTICS',
      from: 'QUARANTINED',
      to: 'VERIFIED',
      guards: [GUARD],
    })
    await read('/systems/wholesale-finance/check?to=OPEN')
    expect(admin.asked).toEqual([
      ['check', 'PARTS_LOGISTICS', null],
      ['check', 'WHOLESALE_FINANCE', 'OPEN'],
    ])
  })

  test.each(['open', 'OPENED', '', 'OPEN&to=VERIFIED', 'OPEN&now=true'])('of the step "%s" is refused', async to => {
    const answer = await read(`/systems/parts-logistics/check?to=${to}`)
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'BAD_REQUEST'])
    expect(admin.asked).toEqual([])
  })

  test.each(['parts', 'PARTS_LOGISTICS', 'Parts-Logistics', '__proto__', 'x'.repeat(200)])(
    'of a system "%s" finds nothing',
    async slug => {
      for (const url of [`/systems/${slug}/check`, `/systems/${slug}/attestations`]) {
        const answer = await read(url)
        expect(answer.statusCode).toBe(slug.length > 100 ? 400 : 404)
        expect(answer.json()).toEqual({ code: expect.any(String), message: expect.any(String) })
      }
      expect(admin.asked).toEqual([])
    },
  )
})

test('attestations say who attests, for how long and whether it stands, not what was attested', async () => {
  const attestation: Attestation = {
    id: 'a1',
    digest: 'd'.repeat(64),
    signedBy: { keyId: 'k', role: 'SYSTEM_OWNER', name: 'S. Owner' },
    system: 'PARTS_LOGISTICS',
    issuedAt: '2025-10-07T08:00:00.000Z',
    recordedAt: '2025-10-07T08:00:01.000Z',
    expiresAt: '2025-10-07T20:00:00.000Z',
    intrusionRevision: 4,
    backup: {
      id: 'b1',
      takenAt: '2025-08-18T02:00:00.000Z',
      digest: 'e'.repeat(64),
      malwareStatus: 'CLEAN',
      scannedAt: '2025-10-01T00:00:00.000Z',
    },
    restore: { completedAt: '2025-10-02T00:00:00.000Z', manifest: 'f'.repeat(64), environment: 'segment-r2' },
    checks: [],
    totals: {},
  }
  await admin.app.close()
  admin = startAdmin({ restart: { attestations: () => [{ ...attestation, standing: 'EXPIRED' }] } })
  const answer = await read('/systems/parts-logistics/attestations')
  expect([answer.statusCode, answer.json()]).toEqual([
    200,
    [
      {
        id: 'a1',
        role: 'SYSTEM_OWNER',
        name: 'S. Owner',
        issuedAt: '2025-10-07T08:00:00.000Z',
        expiresAt: '2025-10-07T20:00:00.000Z',
        intrusionRevision: 4,
        standing: 'EXPIRED',
      },
    ],
  ])
})

test('partners are those of the journal', async () => {
  const answer = await read('/partners')
  expect([answer.statusCode, answer.json()]).toEqual([
    200,
    [
      {
        bpnl: 'BPNL00000000RT01',
        name: 'Retailer',
        roles: ['RETAILER'],
        scopes: ['parts:read'],
        sites: ['BPNS00000000PD01'],
        wave: 1,
        clients: ['retailer-dms'],
        tokenBinding: 'NONE',
        disabled: false,
      },
    ],
  ])
})

describe('the journal', () => {
  test('is read page by page, each naming the next, to its end', async () => {
    const pages: unknown[] = []
    for (let after: number | null = 0; after !== null; ) {
      const page: { rows: { sequence: number }[]; next: number | null } = (
        await read(`/journal?after=${after}&limit=2`)
      ).json()
      pages.push(page.rows.map(({ sequence }) => sequence))
      after = page.next
    }
    expect(pages).toEqual([[1, 2], [3]])
  })

  test('is read from its beginning, 500 rows at a time, where nothing else is asked', async () => {
    expect((await read('/journal')).json()).toEqual({ rows: [1, 2, 3].map(row), next: null })
    await admin.app.close()
    admin = startAdmin({ rows: Array.from({ length: 501 }, (_, index) => row(index + 1)) })
    const page = (await read('/journal')).json()
    expect([page.rows.length, page.next]).toEqual([500, 500])
  })

  test('is given in pages of a few MiB, however long its rows are and however many are asked for', async () => {
    await admin.app.close()
    const statement = 's'.repeat(65_536)
    const rows = Array.from({ length: 300 }, (_, index) => ({ ...row(index + 1), statement }))
    admin = startAdmin({ rows })
    const sequences: number[] = []
    for (let after: number | null = 0; after !== null; ) {
      const answer = await read(`/journal?after=${after}&limit=5000`)
      expect(answer.body.length).toBeLessThan(4.5 * 1_048_576)
      const page: { rows: { sequence: number }[]; next: number | null } = answer.json()
      sequences.push(...page.rows.map(({ sequence }) => sequence))
      after = page.next
    }
    expect(sequences).toEqual(rows.map(({ sequence }) => sequence))
  })

  test('goes on past a row that is longer than a page', async () => {
    await admin.app.close()
    admin = startAdmin({ rows: [{ ...row(1), statement: 's'.repeat(5_000_000) }, row(2)] })
    const page = (await read('/journal')).json()
    expect([page.rows.length, page.next]).toEqual([1, 1])
  })

  test.each([
    ['out of reach', new Error('connect ECONNREFUSED 10.0.0.3'), 'JOURNAL_OUT_OF_REACH', '5'],
    ['not what it was', new JournalFault(3, 'its seal does not hold'), 'JOURNAL_NOT_VERIFIED', undefined],
  ])('that is %s says so, and no more of it than an operator may know', async (_what, failure, code, retryAfter) => {
    await admin.app.close()
    const fail = () => Promise.reject(failure)
    admin = startAdmin({ restart: { rows: fail, checkpoint: fail } })
    for (const url of ['/journal', '/journal/checkpoint']) {
      const answer = await read(url)
      expect([answer.statusCode, answer.json().code, answer.headers['retry-after']]).toEqual([503, code, retryAfter])
      expect(answer.body).not.toContain('10.0.0.3')
      expect(admin.lines.at(-1)).toMatchObject({ level: 'warn' })
    }
    expect(JSON.stringify(admin.lines)).toContain(failure.message)
  })

  test.each([
    'limit=0',
    'limit=5001',
    'limit=-1',
    'limit=1e2',
    'limit=',
    'limit=1&limit=2',
    'after=-1',
    'after=1.5',
    'after=9007199254740993',
    'after=x',
    'before=3',
    '__proto__=1',
  ])('is not read with %s', async query => {
    const answer = await read(`/journal?${query}`)
    expect([answer.statusCode, answer.json()]).toEqual([400, { code: 'BAD_REQUEST', message: expect.any(String) }])
    expect(admin.asked).toEqual([])
  })

  test.each(['limit=1', 'limit=5000', 'after=9007199254740991'])('is read with %s', async query => {
    expect((await read(`/journal?${query}`)).statusCode).toBe(200)
  })

  test('has a checkpoint', async () => {
    expect((await read('/journal/checkpoint')).json()).toEqual({ checkpoint: 'a.b.c' })
  })
})

test.each(['/status', '/partners', '/journal/checkpoint'])('%s takes no parameters', async url => {
  expect((await read(`${url}?verbose=1`)).statusCode).toBe(400)
})

describe('webhooks', () => {
  test('of a gateway that sends none are none', async () => {
    for (const url of ['/webhooks', '/webhooks/dead']) expect((await read(url)).json()).toEqual([])
    const answer = await admin.app.inject({ method: 'POST', url: '/webhooks/dms/retry' })
    expect([answer.statusCode, answer.json().code]).toEqual([404, 'NOT_FOUND'])
  })

  test('whose outbox is out of reach are asked for again later, and the reason stays in the log', async () => {
    const away = async () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.7:5432'))
    const { app, lines } = startAdmin({ webhooks: { views: away, dead: away, retry: away, test: away } })
    for (const [method, url] of [
      ['GET', '/webhooks'],
      ['GET', '/webhooks/dead'],
      ['POST', '/webhooks/dms/retry'],
      ['POST', '/webhooks/dms/test'],
    ] as const) {
      const answer = await app.inject({ method, url })
      expect([url, answer.statusCode, answer.headers['retry-after']]).toEqual([url, 503, '5'])
      expect(answer.payload).not.toContain('10.0.0.7')
    }
    expect(JSON.stringify(lines)).toContain('10.0.0.7')
    await app.close()
  })

  test.each(['/webhooks?all=true', '/webhooks/dead?limit=1'])('take no parameters: %s', async url => {
    expect((await read(url)).statusCode).toBe(400)
  })
})
