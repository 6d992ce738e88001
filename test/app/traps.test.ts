import { setImmediate } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { RecoveryState } from '../../src/recovery/state.ts'
import { createFaults } from '../support/faults.ts'
import { type DeclaredGateway, startGateway } from '../support/gateway.ts'

/** What the libraries get wrong when they are used as documented, each closed and kept closed. */

const faults = createFaults()
let gateway: DeclaredGateway
let initial: RecoveryState
let aheadMs = 0
/** A failure is remembered for two seconds at most. */
const forgetFailures = () => {
  aheadMs += 2_000
}
beforeAll(async () => {
  const systems = { deadlineMs: 300 }
  const clock = { now: () => Date.now() + aheadMs }
  // What a system gave last would stand in for what it does not give.
  const settings = { warmUp: { questions: 0 }, lastKnownGood: { store: 'none' } }
  // Reads are counted, and systems open and close: those of the warm-up would be among them.
  gateway = await startGateway({ connectors: faults.lay, systems, settings, clock })
  initial = gateway.recovery.current().state
})
afterEach(() => {
  faults.read = null
  forgetFailures()
  // A new epoch, so that no test finds what another left in the cache.
  gateway.recovery.declare(allSuspended())
  gateway.recovery.declare(initial)
  gateway.reads.length = 0
})
afterAll(() => gateway.close())

const withParts = (lifecycle: 'OPEN' | 'SUSPENDED'): RecoveryState => ({
  ...initial,
  systems: { ...initial.systems, PARTS_LOGISTICS: { ...initial.systems.PARTS_LOGISTICS, lifecycle } },
})

function allSuspended(): RecoveryState {
  const { PARTS_LOGISTICS, WHOLESALE_FINANCE, PRODUCTION_SCHEDULE } = initial.systems
  const lifecycle = 'SUSPENDED' as const
  return {
    ...initial,
    systems: {
      PARTS_LOGISTICS: { ...PARTS_LOGISTICS, lifecycle },
      WHOLESALE_FINANCE: { ...WHOLESALE_FINANCE, lifecycle },
      PRODUCTION_SCHEDULE: { ...PRODUCTION_SCHEDULE, lifecycle },
    },
  }
}

const PART = '{ part(partNumber: "LR106259") { partNumber description } }'

describe('the field cache', () => {
  test('answers nested inline fragments, and fragments of one name with other bodies, as they were asked', async () => {
    const answers = []
    for (const query of [
      '{ part(partNumber: "LR106259") { ... { ... { ... on Part { partNumber } } } } }',
      '{ part(partNumber: "LR106259") { ...F } } fragment F on Part { description }',
      '{ part(partNumber: "LR106259") { ...F } } fragment F on Part { baseUnit }',
    ]) {
      answers.push((await gateway.ask('sample-retailer', { query })).body.data.part)
    }
    expect(answers).toEqual([
      { partNumber: 'LR106259' },
      { description: 'Wiper blade pair, left, Defender' },
      { baseUnit: 'PR' },
    ])
    expect(gateway.reads).toEqual(['lookup part'])
  })

  test('asks the gate on every hit: a system that closes is closed with the very next request', async () => {
    await gateway.ask('sample-retailer', { query: PART })
    gateway.recovery.declare(withParts('SUSPENDED'))
    const closed = await gateway.ask('sample-retailer', { query: PART })
    expect(closed.body).toMatchObject({
      data: { part: null },
      errors: [{ extensions: { code: 'SYSTEM_NOT_OPEN', lifecycle: 'SUSPENDED' } }],
    })
    gateway.recovery.declare(initial)
    expect((await gateway.ask('sample-retailer', { query: PART })).body.data.part.partNumber).toBe('LR106259')
  })

  test('forgets nothing of its guards when systems close and open: no row comes back from before a closing', async () => {
    await gateway.ask('sample-retailer', { query: PART })
    gateway.recovery.declare(withParts('SUSPENDED'))
    gateway.recovery.declare(initial)
    await gateway.ask('sample-retailer', { query: PART })
    expect(gateway.reads).toEqual(['lookup part', 'lookup part'])
  })

  test('never serves or keeps a row that was being read when its system closed', async () => {
    const { promise: closing, resolve: close } = Promise.withResolvers<void>()
    faults.read = async (_relation, real) => {
      const reading = await real()
      close()
      await closing
      gateway.recovery.declare(withParts('SUSPENDED'))
      return reading
    }
    const answer = await gateway.ask('sample-retailer', { query: PART })
    expect(answer.text).not.toContain('Wiper blade')
    expect(answer.body.errors[0].extensions.code).toBe('SYSTEM_NOT_OPEN')
    faults.read = null
    gateway.recovery.declare(initial)
    gateway.reads.length = 0
    await gateway.ask('sample-retailer', { query: PART })
    expect(gateway.reads).toEqual(['lookup part'])
  })

  test('makes one read of ten equal questions, and two of two partners asking for their own', async () => {
    const vehicles = '{ vehicleWholesales(first: 3) { edges { node { vin } } } }'
    gateway.grant('BPNL00000R00021C', { wave: 1 })
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        gateway.ask(index % 2 ? 'sample-retailer' : 'retailer-0002', { query: vehicles }),
      ),
    )
    expect(gateway.reads).toEqual(['page vehicle_wholesale', 'page vehicle_wholesale'])
    expect(new Set(answers.map(answer => answer.text)).size).toBe(2)
    expect(answers[0]?.text).not.toBe(answers[1]?.text)
  })

  test('keeps no error: the next question reads again, once the failure is forgotten, and is answered', async () => {
    faults.read = async () => {
      throw new Error('connection refused')
    }
    const failed = await gateway.ask('sample-retailer', { query: PART })
    expect(failed.body).toMatchObject({
      data: { part: null },
      errors: [{ extensions: { code: 'SYSTEM_UNAVAILABLE' } }],
    })
    faults.read = null
    forgetFailures()
    expect((await gateway.ask('sample-retailer', { query: PART })).body.data.part.partNumber).toBe('LR106259')
  })

  test('does not keep readers hanging: a read that never settles is a typed error within its deadline, for all who share it', async () => {
    faults.read = () => new Promise(() => {})
    const answers = await Promise.all([1, 2, 3].map(() => gateway.ask('sample-retailer', { query: PART })))
    for (const { body } of answers)
      expect(body.errors[0].extensions).toMatchObject({ code: 'DEADLINE_EXCEEDED', system: 'PARTS_LOGISTICS' })
    expect(gateway.reads).toEqual(['lookup part'])
    faults.read = null
    forgetFailures()
    expect((await gateway.ask('sample-retailer', { query: PART })).body.data.part.partNumber).toBe('LR106259')
  })

  test('keeps what nobody asked for out: a field without a time to keep shares no flight and is not kept', async () => {
    const limits = await Promise.all(
      [1, 2].map(() => gateway.ask('sample-retailer', { query: '{ viewer { budget { costRemaining } } }' })),
    )
    expect(new Set(limits.map(answer => answer.body.data.viewer.budget.costRemaining)).size).toBe(2)
  })
})

describe('an answer, when all of it is there', () => {
  const BPNL = 'BPNL00000R000121'
  const BOTH = `{
    first: part(partNumber: "LR106259") { description }
    vehicleWholesales(first: 1) { edges { node { vin } } }
    ...Again
    restartStatus { headline }
  } fragment Again on Query { part(partNumber: "LR453679") { description } }`
  const granted = () => gateway.recovery.current().state.partners.get(BPNL)?.entry

  /** Asks, and has something happen when parts logistics has answered and wholesale finance still reads. */
  async function askMeanwhile(query: string, meanwhile: () => void) {
    const { promise: partsRead, resolve: readParts } = Promise.withResolvers<void>()
    const { promise: held, resolve: release } = Promise.withResolvers<void>()
    faults.read = async (relation, real) => {
      if (relation.system === 'WHOLESALE_FINANCE') await held
      const reading = await real()
      if (relation.system === 'PARTS_LOGISTICS') readParts()
      return reading
    }
    const asked = gateway.ask('sample-retailer', { query })
    await partsRead
    // What was read has come through the cache and the gate, and waits in the answer.
    await setImmediate()
    meanwhile()
    release()
    return asked
  }

  test('has nothing of a system that closed while the answer waited for another; the rest stands', async () => {
    const { status, body, text, headers } = await askMeanwhile(BOTH, () =>
      gateway.recovery.declare(withParts('SUSPENDED')),
    )
    expect(text).not.toContain('Wiper blade')
    expect([status, headers['cache-control']]).toEqual([200, 'no-store'])
    expect(Object.keys(body.data)).toEqual(['first', 'vehicleWholesales', 'part', 'restartStatus'])
    expect(body.data).toMatchObject({
      first: null,
      part: null,
      vehicleWholesales: { edges: [expect.anything()] },
      restartStatus: { headline: initial.headline },
    })
    expect(body.errors).toMatchObject([
      { path: ['first'], extensions: { code: 'SYSTEM_NOT_OPEN', lifecycle: 'SUSPENDED', system: 'PARTS_LOGISTICS' } },
      { path: ['part'], extensions: { code: 'SYSTEM_NOT_OPEN' } },
    ])
  })

  test('has nothing of a system that closed and opened again meanwhile, and says to ask again', async () => {
    const { body } = await askMeanwhile(BOTH, () => {
      gateway.recovery.declare(withParts('SUSPENDED'))
      gateway.recovery.declare(initial)
    })
    expect([body.data.first, body.data.part]).toEqual([null, null])
    expect(body.errors).toMatchObject([
      { path: ['first'], extensions: { code: 'SYSTEM_UNAVAILABLE', retryable: true } },
      { path: ['part'], extensions: { code: 'SYSTEM_UNAVAILABLE', retryable: true } },
    ])
  })

  test('has nothing of a system that closed to the wave of its partner alone', async () => {
    const { PARTS_LOGISTICS, ...others } = initial.systems
    const limited = {
      ...PARTS_LOGISTICS,
      lifecycle: 'LIMITED_OPEN',
      waves: [granted()?.wave === 99 ? 98 : 99],
    } as const
    const { body } = await askMeanwhile(BOTH, () =>
      gateway.recovery.declare({ ...initial, systems: { ...others, PARTS_LOGISTICS: limited } }),
    )
    expect(body.data).toMatchObject({ first: null, part: null, vehicleWholesales: { edges: [expect.anything()] } })
  })

  test('is refused as a whole where its partner was disabled meanwhile', async () => {
    const entry = granted()
    try {
      const { status, body } = await askMeanwhile(BOTH, () => gateway.grant(BPNL, { disabled: true }))
      expect([status, body.data]).toEqual([403, undefined])
      expect(body.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', retryable: false } }])
    } finally {
      gateway.grant(BPNL, { ...entry })
    }
  })

  test.each([
    ['wave', { wave: 77 }],
    ['scopes', { scopes: ['restart:read'] }],
    ['sites', { sites: [] }],
  ] as const)(
    'is refused as a whole where the %s of its partner changed meanwhile, and asking again helps',
    async (_, change) => {
      const entry = granted()
      try {
        const { status, body } = await askMeanwhile(BOTH, () => gateway.grant(BPNL, change))
        expect([status, body.data]).toEqual([503, undefined])
        expect(body.errors).toMatchObject([{ extensions: { code: 'SYSTEM_UNAVAILABLE', retryable: true } }])
        expect((await gateway.ask('sample-retailer', { query: '{ viewer { scopes } }' })).status).toBe(200)
      } finally {
        gateway.grant(BPNL, { ...entry })
      }
    },
  )

  test('stands whatever happened meanwhile to another partner, or to a system that it does not read', async () => {
    const { PRODUCTION_SCHEDULE, ...others } = initial.systems
    const { body } = await askMeanwhile(BOTH, () => {
      gateway.grant('BPNL00000R00021C', { wave: 5 })
      const opened = { ...PRODUCTION_SCHEDULE, lifecycle: 'OPEN' } as const
      gateway.recovery.declare({
        ...initial,
        partners: gateway.recovery.current().state.partners,
        systems: { ...others, PRODUCTION_SCHEDULE: opened },
      })
    })
    expect(body.errors).toBeUndefined()
    expect(body.data.first).toEqual({ description: 'Wiper blade pair, left, Defender' })
  })
})

test('no system is asked anything more for a partner that has been disabled', async () => {
  const query = '{ part(partNumber: "LR071050") { supersession { chain } } }'
  const entry = gateway.recovery.current().state.partners.get('BPNL00000R000121')?.entry
  faults.read = async (_relation, real) => {
    const reading = await real()
    gateway.grant('BPNL00000R000121', { disabled: true })
    return reading
  }
  try {
    expect((await gateway.ask('sample-retailer', { query })).status).toBe(403)
    expect(gateway.reads).toEqual(['lookup part'])
  } finally {
    gateway.grant('BPNL00000R000121', { ...entry })
  }
  faults.read = null
  await gateway.ask('sample-retailer', { query })
  expect(gateway.reads).toEqual(['lookup part', 'lookup part', 'lookup part_supersession'])
})

describe('a restored system', () => {
  test('cannot tell a partner what went wrong inside it, and the log is told without secrets', async () => {
    faults.read = async () => {
      throw new Error(
        'connect ECONNREFUSED 10.0.0.3:5432 user=reader password=hunter2 postgres://reader:hunter2@10.0.0.3/parts',
      )
    }
    const { text } = await gateway.ask('sample-retailer', { query: PART })
    expect(text).not.toMatch(/ECONNREFUSED|10\.0\.0\.3|reader|hunter2/)
    const lines = JSON.stringify(gateway.logged)
    expect(lines).toContain('ECONNREFUSED')
    expect(lines).not.toContain('hunter2')
  })

  test("that gives another's rows gives none: they are dropped, counted and reported", async () => {
    faults.read = async (_relation, real) => {
      const reading = await real()
      return {
        ...reading,
        rows: reading.rows.map((row, index) => (index === 0 ? { ...row, retailerBpnl: 'BPNL00000R00021C' } : row)),
      }
    }
    const query = '{ vehicleWholesales(first: 3) { edges { node { vin } } } }'
    const mixed = await gateway.ask('sample-retailer', { query })
    expect(mixed.body.data.vehicleWholesales.edges).toHaveLength(2)
    expect(gateway.counters.snapshot()).toContainEqual(
      expect.objectContaining({
        name: 'rows_dropped',
        labels: { system: 'WHOLESALE_FINANCE', relation: 'vehicle_wholesale', reason: 'foreign_owner' },
      }),
    )
    expect(gateway.logged.some(line => line.relation === 'vehicle_wholesale' && line.level === 'error')).toBe(true)
  })

  test('that gives a row which is not what it should be spoils the answers of that row alone', async () => {
    faults.read = async (relation, real) => {
      const reading = await real()
      if (relation.name !== 'part') return reading
      return {
        ...reading,
        rows: reading.rows.map(row => (row.partNumber === 'LR453679' ? { ...row, useUpOldStock: 'perhaps' } : row)),
      }
    }
    const query =
      '{ good: part(partNumber: "LR106259") { partNumber } bad: part(partNumber: "LR453679") { partNumber } }'
    const { body } = await gateway.ask('sample-retailer', { query })
    expect(body.data).toEqual({ good: { partNumber: 'LR106259' }, bad: null })
    expect(body.errors).toEqual([
      expect.objectContaining({ path: ['bad'], extensions: expect.objectContaining({ code: 'SYSTEM_DATA_INVALID' }) }),
    ])
  })

  test('whose data has come into a new day has its invoices measured against that day, by the first answer too', async () => {
    const query =
      '{ supplierInvoices(filter: { overdueOnly: true }) { edges { node { netDueDate } } provenance { asOf } } }'
    const before = (await gateway.ask('sample-supplier', { query })).body.data.supplierInvoices
    gateway.recovery.declare(allSuspended())
    gateway.recovery.declare(initial)
    faults.read = async (_relation, real) => ({ ...(await real()), asOf: '2026-10-08T00:00:00Z' })
    const after = (await gateway.ask('sample-supplier', { query })).body.data.supplierInvoices
    expect(after.provenance.asOf).toBe('2026-10-08T00:00:00.000Z')
    expect(after.edges.length).toBeGreaterThan(before.edges.length)
  })

  test('that fails leaves the others alone', async () => {
    faults.read = async (relation, real) => {
      if (relation.system === 'WHOLESALE_FINANCE') throw new Error('down')
      return real()
    }
    const { body } = await gateway.ask('sample-retailer', {
      query: `{ part(partNumber: "LR106259") { partNumber } vehicleWholesales { pageInfo { hasNextPage } } }`,
    })
    expect(body.data).toEqual({ part: { partNumber: 'LR106259' }, vehicleWholesales: null })
  })
})
