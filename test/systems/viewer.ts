import type { Partner, Viewer } from '../../src/model/viewer.ts'

export const ALPHA = 'BPNL0000000ALPHA'
export const BETA = 'BPNL00000000BETA'

export function viewerOf(bpnl: string = ALPHA, partner: Partial<Partner> = {}): Viewer {
  return {
    partner: { bpnl, name: bpnl, roles: [], sites: [], wave: null, ...partner },
    clientId: `client of ${bpnl}`,
    scopes: new Set(),
    epoch: '1',
    operationCostLimit: 1_000,
    costPerMinute: 1_000,
  }
}
