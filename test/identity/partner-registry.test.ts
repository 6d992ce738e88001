import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type PartnerEntry, parsePartners } from '../../src/identity/partner-entry.ts'
import { createPartnerRegistry } from '../../src/identity/partner-registry.ts'
import { PARTNER_ROLES } from '../../src/model/viewer.ts'

const LIMITS = { operationCost: 1_000, costPerMinute: 60_000 }
const retailer = {
  bpnl: 'BPNL00000000001A',
  name: 'Hallam Cars',
  roles: ['RETAILER'],
  scopes: ['parts:read', 'orders:read'],
  sites: ['BPNS00000000001A'],
  wave: 1,
  clients: ['dms-1', 'dms-2'],
}
const supplier = {
  bpnl: 'BPNL00000000002B',
  name: 'Cole Castings',
  roles: ['SUPPLIER'],
  scopes: ['payments:read'],
  clients: ['portal-1'],
  limits: { operationCost: 50 },
}
const entries = () => parsePartners({ partners: [retailer, supplier] }, 'partners.yaml')
const registry = (partners: readonly PartnerEntry[] = entries()) => createPartnerRegistry({ partners, limits: LIMITS })
const ALL = new Set(['parts:read', 'orders:read', 'payments:read', 'schema:read'])

describe('the viewer behind a client', () => {
  test('is its partner with the scopes that registry and token both name', () => {
    expect(registry().viewerFor('dms-2', new Set(['orders:read', 'schema:read']))).toEqual({
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

  test('has the limits of its own entry, where it names any', () => {
    expect(registry().viewerFor('portal-1', ALL)).toMatchObject({
      operationCostLimit: 50,
      costPerMinute: 60_000,
      partner: { wave: null, sites: [] },
    })
  })

  test('is null for a client that nobody registered, and for a disabled partner', () => {
    expect(registry().viewerFor('toString', ALL)).toBeNull()
    expect(
      registry(parsePartners({ partners: [{ ...retailer, disabled: true }] }, 'x')).viewerFor('dms-1', ALL),
    ).toBeNull()
  })

  test('cannot be changed by whoever holds it', () => {
    const viewer = registry().viewerFor('dms-1', ALL)
    expect(() => Object.assign(viewer?.partner.roles ?? [], ['INTERNAL'])).toThrow(TypeError)
    expect(() => Object.assign(viewer ?? {}, { epoch: 'x' })).toThrow(TypeError)
  })

  test('is never widened by a token, whatever it asks for', () => {
    const scope = fc.constantFrom<string[]>(
      'parts:read',
      'orders:read',
      'payments:read',
      'schema:read',
      '*',
      '',
      'parts:*',
    )
    const client = fc.constantFrom('dms-1', 'dms-2', 'portal-1', 'DMS-1', 'dms-1 ', '__proto__', 'BPNL00000000001A')
    const shared = registry()
    fc.assert(
      fc.property(client, fc.uniqueArray(scope), (clientId, asked) => {
        const entry = entries().find(({ clients }) => clients.includes(clientId))
        const viewer = shared.viewerFor(clientId, new Set(asked))
        if (entry === undefined) return expect(viewer).toBeNull()
        expect(viewer?.partner.bpnl).toBe(entry.bpnl)
        expect([...(viewer?.scopes ?? [])].toSorted()).toEqual(
          entry.scopes.filter(granted => asked.includes(granted)).toSorted(),
        )
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('a change', () => {
  test('takes effect at once and gives the changed partner a new epoch, the others keeping theirs', () => {
    const partners = registry()
    const before = [partners.viewerFor('dms-1', ALL), partners.viewerFor('portal-1', ALL)]
    partners.change('BPNL00000000001A', { scopes: ['parts:read'], wave: null })
    const after = [partners.viewerFor('dms-1', ALL), partners.viewerFor('portal-1', ALL)]
    expect(after[0]?.scopes).toEqual(new Set(['parts:read']))
    expect(after[0]?.partner.wave).toBeNull()
    expect(after[0]?.epoch).not.toBe(before[0]?.epoch)
    expect(after[1]).toEqual(before[1])
  })

  test('back to what was is a new epoch all the same, in this process and the next', () => {
    const seen = new Set<string | undefined>()
    for (const partners of [registry(), registry()]) {
      for (const disabled of [false, true, false]) {
        partners.change('BPNL00000000001A', { disabled })
        const viewer = partners.viewerFor('dms-1', ALL)
        expect(viewer === null).toBe(disabled)
        if (viewer !== null) seen.add(viewer.epoch)
      }
    }
    expect(seen.size).toBe(4)
  })

  test('to a partner that is not there, or to a client of another, is refused and changes nothing', () => {
    const partners = registry()
    const before = partners.viewerFor('dms-1', ALL)
    expect(() => partners.change('BPNL00000000009Z', { wave: 2 })).toThrow('no partner BPNL00000000009Z is registered')
    expect(() => partners.change('BPNL00000000001A', { clients: ['portal-1'] })).toThrow(
      'partners[1].clients[0]: client portal-1 stands at partners[0].clients[0] already',
    )
    expect(partners.viewerFor('dms-1', ALL)).toEqual(before)
  })

  test('of the list from which the registry was made does not reach it', () => {
    const list = [...entries()]
    const partners = registry(list)
    Object.assign(list[0] ?? {}, { scopes: ['schema:read'] })
    expect(partners.viewerFor('dms-1', ALL)?.scopes).toEqual(new Set(['parts:read', 'orders:read']))
  })
})

test('a partner is found by its BPNL even when it is disabled', () => {
  const partners = registry()
  partners.change('BPNL00000000002B', { disabled: true })
  expect(partners.partner('BPNL00000000002B')?.name).toBe('Cole Castings')
  expect(partners.partner('BPNL00000000009Z')).toBeUndefined()
})

test.each([
  [
    [retailer, { ...supplier, bpnl: retailer.bpnl }],
    'partners[1].bpnl: BPNL00000000001A stands at partners[0].bpnl already',
  ],
  [
    [retailer, { ...supplier, clients: ['dms-2'] }],
    'partners[1].clients[0]: client dms-2 stands at partners[0].clients[1] already',
  ],
  [[{ ...retailer, clients: ['a', 'a'] }], 'partners[0].clients[1]: client a stands at partners[0].clients[0] already'],
  [[{ ...retailer, roles: ['ADMIN'] }], `partners[0].roles[0]: is "ADMIN"; must be one of ${PARTNER_ROLES.join(', ')}`],
  [[{ ...retailer, scopes: ['parts read'] }], 'partners[0].scopes[0]: is "parts read"; must be a scope (RFC 6749)'],
  [[{ ...retailer, sites: ['BPNL00000000001A'] }], 'partners[0].sites[0]: is "BPNL00000000001A"; must be a BPNS'],
  [[{ ...retailer, clients: [] }], 'partners[0].clients: is a list; must have at least 1 entries'],
  [[{ ...retailer, disabled: 'no' }], 'partners[0].disabled: is "no"; must be true or false'],
  [[{ ...retailer, limits: { operationCost: 0 } }], 'partners[0].limits.operationCost: is 0; must be at least 1'],
  [
    [{ ...retailer, scope: 'parts:read' }],
    'partners[0].scope: is not a setting; allowed here: bpnl, name, roles, scopes',
  ],
])('a wrong registry is refused with its place and what is allowed (%#)', (partners, message) => {
  expect(() => parsePartners({ partners }, 'partners.yaml')).toThrow(`partners.yaml: ${message}`)
})
