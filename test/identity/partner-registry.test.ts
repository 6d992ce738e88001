import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createPartnerRegistry } from '../../src/identity/partner-registry.ts'
import type { PartnerEntry } from '../../src/model/partner-entry.ts'
import { createDeclaredRecovery, declaredState } from '../support/declared-recovery.ts'

const LIMITS = { operationCost: 1_000, costPerMinute: 60_000 }
const retailer: PartnerEntry = {
  bpnl: 'BPNL00000000001A',
  name: 'Hallam Cars',
  roles: ['RETAILER'],
  scopes: ['parts:read', 'orders:read'],
  sites: ['BPNS00000000001A'],
  wave: 1,
  clients: ['dms-1', 'dms-2'],
  tokenBinding: 'NONE',
  disabled: false,
  limits: null,
}
const supplier: PartnerEntry = {
  ...retailer,
  bpnl: 'BPNL00000000002B',
  name: 'Cole Castings',
  roles: ['SUPPLIER'],
  scopes: ['payments:read'],
  sites: [],
  wave: null,
  clients: ['portal-1'],
  limits: { operationCost: 50 },
}
const ALL = new Set(['parts:read', 'orders:read', 'payments:read', 'schema:read'])

function registryOf(...partners: readonly PartnerEntry[]) {
  const recovery = createDeclaredRecovery(declaredState())
  recovery.grant(partners)
  return { registry: createPartnerRegistry({ recovery, limits: LIMITS }), grant: recovery.grant }
}
const both = () => registryOf(retailer, supplier).registry

describe('the viewer behind a client', () => {
  test('is its partner with the scopes that grant and token both name', () => {
    expect(both().viewerFor('dms-2', new Set(['orders:read', 'schema:read']))).toEqual({
      partner: {
        bpnl: 'BPNL00000000001A',
        name: 'Hallam Cars',
        roles: ['RETAILER'],
        sites: ['BPNS00000000001A'],
        wave: 1,
      },
      clientId: 'dms-2',
      scopes: new Set(['orders:read']),
      epoch: expect.any(String),
      operationCostLimit: 1_000,
      costPerMinute: 60_000,
    })
  })

  test('has the limits of its own grant, where that names any', () => {
    expect(both().viewerFor('portal-1', ALL)).toMatchObject({ operationCostLimit: 50, costPerMinute: 60_000 })
  })

  test('is null for a client that nobody registered, and for a disabled partner', () => {
    expect(both().viewerFor('toString', ALL)).toBeNull()
    expect(registryOf({ ...retailer, disabled: true }).registry.viewerFor('dms-1', ALL)).toBeNull()
  })

  test('cannot be changed by whoever holds it', () => {
    const viewer = both().viewerFor('dms-1', ALL)
    expect(() => Object.assign(viewer?.partner ?? {}, { bpnl: 'x' })).toThrow(TypeError)
    expect(() => Object.assign(viewer ?? {}, { epoch: 'x' })).toThrow(TypeError)
  })

  test('is never widened by a token, whatever it asks for', () => {
    const scope = fc.constantFrom('parts:read', 'orders:read', 'payments:read', 'schema:read', '*', '', 'parts:*')
    const client = fc.constantFrom('dms-1', 'dms-2', 'portal-1', 'DMS-1', 'dms-1 ', '__proto__', 'BPNL00000000001A')
    const shared = both()
    fc.assert(
      fc.property(client, fc.uniqueArray(scope), (clientId, asked) => {
        const entry = [retailer, supplier].find(({ clients }) => clients.includes(clientId))
        const viewer = shared.viewerFor(clientId, new Set<string>(asked))
        if (entry === undefined) return expect(viewer).toBeNull()
        expect(viewer?.partner.bpnl).toBe(entry.bpnl)
        expect([...(viewer?.scopes ?? [])].toSorted()).toEqual(
          entry.scopes.filter(granted => asked.some(one => one === granted)).toSorted(),
        )
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('a change of grants', () => {
  test('takes effect at once and gives the changed partner a new epoch, the others keeping theirs', () => {
    const { registry, grant } = registryOf(retailer, supplier)
    const before = [registry.viewerFor('dms-1', ALL), registry.viewerFor('portal-1', ALL)]
    grant([{ ...retailer, scopes: ['parts:read'], wave: null }, supplier])
    const after = [registry.viewerFor('dms-1', ALL), registry.viewerFor('portal-1', ALL)]
    expect(after[0]).toMatchObject({ scopes: new Set(['parts:read']), partner: { wave: null } })
    expect(after[0]?.epoch).not.toBe(before[0]?.epoch)
    expect(after[1]).toEqual(before[1])
  })

  test('makes the viewers of that partner, and of no other, those of yesterday', () => {
    const { registry, grant } = registryOf(retailer, supplier)
    const [mine, theirs] = [registry.viewerFor('dms-1', ALL), registry.viewerFor('portal-1', ALL)]
    if (mine === null || theirs === null) throw new Error('both are registered')
    expect([registry.isCurrent(mine), registry.isCurrent(theirs)]).toEqual([true, true])
    grant([{ ...retailer, disabled: true }, supplier])
    expect([registry.isCurrent(mine), registry.isCurrent(theirs)]).toEqual([false, true])
    grant([retailer, supplier])
    expect([registry.isCurrent(mine), registry.isCurrent(theirs)]).toEqual([false, true])
  })

  test('refuses the viewers of before: without a retry where the partner is disabled, else with one', () => {
    const { registry, grant } = registryOf(retailer, supplier)
    const [mine, theirs] = [registry.viewerFor('dms-1', ALL), registry.viewerFor('portal-1', ALL)]
    if (mine === null || theirs === null) throw new Error('both are registered')
    expect(() => registry.confirm(mine)).not.toThrow()
    const refused = () => {
      try {
        registry.confirm(mine)
      } catch (error) {
        return error
      }
      return null
    }
    grant([{ ...retailer, wave: 3 }, supplier])
    expect(refused()).toMatchObject({ code: 'SYSTEM_UNAVAILABLE', retryable: true, details: {} })
    for (const gone of [[{ ...retailer, disabled: true }, supplier], [supplier]]) {
      grant(gone)
      expect(refused()).toMatchObject({ code: 'FORBIDDEN', retryable: false })
    }
    expect(() => registry.confirm(theirs)).not.toThrow()
  })

  test('that moves a client to another partner moves its viewer', () => {
    const { registry, grant } = registryOf(retailer, supplier)
    const before = registry.viewerFor('dms-2', ALL)
    grant([
      { ...retailer, clients: ['dms-1'] },
      { ...supplier, clients: ['portal-1', 'dms-2'] },
    ])
    expect(registry.viewerFor('dms-2', ALL)?.partner.bpnl).toBe(supplier.bpnl)
    expect(before !== null && registry.isCurrent(before)).toBe(false)
  })
})
