/** The restored systems and the states each goes through on its way back, in order. */

export const SYSTEM_KEYS = ['PARTS_LOGISTICS', 'WHOLESALE_FINANCE', 'PRODUCTION_SCHEDULE'] as const
export type SystemKey = (typeof SYSTEM_KEYS)[number]

export const LIFECYCLES = [
  'ISOLATED',
  'CLEARED_FOR_RESTORE',
  'RESTORING',
  'QUARANTINED',
  'VERIFIED',
  'LIMITED_OPEN',
  'OPEN',
  'NORMAL_OPERATION',
  'SUSPENDED',
] as const
export type SystemLifecycle = (typeof LIFECYCLES)[number]
