/** The restored systems and the states each goes through on its way back, in order. */

export const SYSTEM_KEYS = ['PARTS_LOGISTICS', 'WHOLESALE_FINANCE', 'PRODUCTION_SCHEDULE'] as const
export type SystemKey = (typeof SYSTEM_KEYS)[number]

export const SYSTEM_NAMES: Readonly<Record<SystemKey, string>> = {
  PARTS_LOGISTICS: 'Parts logistics',
  WHOLESALE_FINANCE: 'Wholesale finance',
  PRODUCTION_SCHEDULE: 'Production schedule',
}

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

/** `PARTS_LOGISTICS` → `parts-logistics`: a system in URNs, in URLs and on the command line. */
export function systemSlug(key: SystemKey): string {
  return key.toLowerCase().replaceAll('_', '-')
}

/** The system with this slug, or null. */
export function systemOfSlug(slug: string): SystemKey | null {
  return SYSTEM_KEYS.find(key => systemSlug(key) === slug) ?? null
}
