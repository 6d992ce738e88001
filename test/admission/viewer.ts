import type { Viewer } from '../../src/model/viewer.ts'

export function viewerOf(bpnl: string, given: Partial<Omit<Viewer, 'partner'>> = {}): Viewer {
  return {
    partner: { bpnl, name: bpnl, roles: ['RETAILER'], sites: [], wave: 1 },
    clientId: `client of ${bpnl}`,
    scopes: new Set(),
    epoch: '1',
    operationCostLimit: 1_000,
    costPerMinute: 1_000,
    ...given,
  }
}
