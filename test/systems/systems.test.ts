import { describe, expect, test } from '@jest/globals'
import { SYSTEM_KEYS, type SystemKey } from '../../src/model/system.ts'
import { provenanceOf } from '../../src/recovery/reading/provenance.ts'
import { createGate } from '../../src/systems/gate.ts'
import { NOTHING_KNOWN } from '../../src/systems/last-known-good/last-known-good.ts'
import { partAvailability } from '../../src/systems/relations/parts-logistics.ts'
import { supplierInvoice } from '../../src/systems/relations/wholesale-finance.ts'
import { createRestoredSystem, type RestoredSystem } from '../../src/systems/restored-system.ts'
import { createSystems } from '../../src/systems/systems.ts'
import { declaredState, recoveryOf } from '../support/declared-recovery.ts'
import { createScriptedConnector, reading, type Script } from './scripted-connector.ts'
import { shieldOf } from './shield/shields.ts'
import { ALPHA, viewerOf } from './viewer.ts'

const KEY = 'WHOLESALE_FINANCE'
const TERMS = { seconds: 0, givenUp: null }
const PAGE = { where: [], after: null, first: 10 }

function systemsOver(script: Script) {
  const connector = createScriptedConnector(script)
  const recovery = recoveryOf()
  const restored = createRestoredSystem({
    key: KEY,
    relations: [],
    connector,
    shield: shieldOf({ system: KEY, deadlineMs: 10_000 }),
    probeDeadlineMs: 10_000,
    provenanceOf: asOf => provenanceOf(declaredState().systems[KEY], asOf),
    border: { isKnownSite: () => true, foreignRows: () => {}, malformedRows: () => {} },
    clock: { now: () => Date.parse('2025-10-08T05:30:00Z') },
  })
  const all = Object.fromEntries(SYSTEM_KEYS.map(key => [key, restored])) as Record<SystemKey, RestoredSystem>
  const systems = createSystems({
    restored: all,
    gate: createGate(recovery, () => {}),
    lastKnownGood: NOTHING_KNOWN,
    clock: { now: () => Date.parse('2025-10-08T05:30:00Z') },
  })
  const viewer = viewerOf(ALPHA)
  return {
    recovery,
    connector,
    systems,
    lookup: () =>
      systems.lookup(viewer, supplierInvoice, ['supplierInvoiceReference'], [['1'], ['2']], { owner: ALPHA }, TERMS),
    page: () => systems.page(viewer, supplierInvoice, PAGE, { owner: ALPHA }, TERMS),
  }
}

describe('a system that is closed', () => {
  test('is not read', async () => {
    const { recovery, connector, lookup, page } = systemsOver({})
    recovery.declare(declaredState({ [KEY]: { lifecycle: 'SUSPENDED' } }))
    await expect(lookup()).rejects.toMatchObject({ code: 'SYSTEM_NOT_OPEN' })
    await expect(page()).rejects.toMatchObject({ code: 'SYSTEM_NOT_OPEN' })
    expect(connector.calls).toEqual([])
  })

  test('gives up what was on its way when it closed', async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>()
    const { recovery, connector, lookup, page } = systemsOver({ lookup: () => promise, page: () => promise })
    const reads = [lookup(), page()].map(read => expect(read).rejects.toMatchObject({ code: 'SYSTEM_NOT_OPEN' }))
    while (!['lookup', 'page'].every(call => connector.calls.includes(call))) await Promise.resolve()
    recovery.declare(declaredState({ [KEY]: { lifecycle: 'SUSPENDED' } }))
    resolve(await reading([]))
    await Promise.all(reads)
  })
})

test('a system that closed and opened again while it was read does not hand on what it gave before', async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>()
  const { recovery, connector, lookup } = systemsOver({ lookup: () => promise })
  const read = expect(lookup()).rejects.toMatchObject({ code: 'SYSTEM_UNAVAILABLE', retryable: true })
  while (!connector.calls.includes('lookup')) await Promise.resolve()
  recovery.declare(declaredState({ [KEY]: { lifecycle: 'SUSPENDED' } }))
  recovery.declare(declaredState())
  resolve(await reading([]))
  await read
})

describe('a grant that shows nothing', () => {
  test('reads nothing and finds nothing', async () => {
    const { systems, connector } = systemsOver({})
    const found = await systems.lookup(
      viewerOf(),
      partAvailability,
      ['partNumber'],
      [['A'], ['B']],
      { sites: [] },
      TERMS,
    )
    expect(found).toEqual([[], []])
    expect(connector.calls).toEqual([])
  })

  test('is a mistake for a page, and reads nothing', async () => {
    const { systems, connector } = systemsOver({})
    await expect(systems.page(viewerOf(), partAvailability, PAGE, { sites: [] }, TERMS)).rejects.toThrow(TypeError)
    expect(connector.calls).toEqual([])
  })
})
