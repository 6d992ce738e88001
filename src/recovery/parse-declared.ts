import { z } from 'zod'
import { BPNS } from '../model/business-partner-number.ts'
import { PLANNED_REOPENING_STATUSES, RESTART_PHASES, SHOPS, SITE_RESTART_STATUSES } from '../model/code-lists.ts'
import { parseOperatorFile, refuseRepeats } from '../model/operator-file.ts'
import { LIFECYCLES, SYSTEM_KEYS, type SystemKey } from '../model/system.ts'
import { PARTNER_ROLES } from '../model/viewer.ts'
import type { RecoveryState, SystemState } from './state.ts'

/**
 * Turns a declared restart, as an operator writes it, into a `RecoveryState`. Called at start and by whoever declares
 * the state anew. What the file leaves out is null or empty: unknown is never made up.
 */

const text = z.string().min(1).max(2_000)
const line = z.string().min(1).max(200)
const orNull = <T>(schema: z.ZodType<T>): z.ZodType<T | null> => schema.nullish().transform(value => value ?? null)

const instant = z.iso
  .datetime({ offset: true, error: 'must be a time with its offset (RFC 3339), such as 2025-10-06T08:00:00Z' })
  .transform(value => new Date(value).toISOString())
const date = z.iso.date('must be a date yyyy-mm-dd')
const duration = z.iso.duration('must be a duration (ISO 8601), such as PT4H')
const bpns = z.string().regex(BPNS, 'must be a BPNS (CX-0010): BPNS and 12 letters or digits')

function ordered(from: string, until: string): boolean {
  return from <= until
}

const objectives = z.strictObject({
  recoveryTimeObjective: duration,
  recoveryPointObjective: duration,
  maximumTolerablePeriodOfDisruption: duration,
  disruptedAt: instant,
  restoredAt: orNull(instant),
  recoveryPointAchieved: orNull(instant),
})

const backlogMeasure = z.strictObject({
  name: line,
  open: z.int().min(0),
  clearedLast24h: z.int().min(0),
  oldest: orNull(instant),
})

function systemState(key: SystemKey): z.ZodType<SystemState> {
  return z
    .strictObject({
      key: z.literal(key).default(key),
      name: line,
      lifecycle: z.enum(LIFECYCLES),
      since: instant,
      waves: z.array(z.int().min(1).max(99)).default([]),
      nextUpdateBy: orNull(instant),
      reconciledThrough: orNull(instant),
      gap: orNull(
        z
          .strictObject({ from: instant, until: instant })
          .refine(({ from, until }) => ordered(from, until), { path: ['until'], error: 'must not be before from' }),
      ),
      objectives,
      knownLimitations: z.array(text).default([]),
      workaround: orNull(text),
      backlog: z
        .array(backlogMeasure)
        .default([])
        .superRefine(refuseRepeats(measure => measure.name, 'name')),
    })
    .refine(({ lifecycle, waves }) => lifecycle !== 'LIMITED_OPEN' || waves.length > 0, {
      path: ['waves'],
      error: 'names no wave; LIMITED_OPEN serves the waves that it names, such as [1]',
    })
}

const [PARTS_LOGISTICS, WHOLESALE_FINANCE, PRODUCTION_SCHEDULE] = SYSTEM_KEYS

const stateSchema = z.strictObject({
  incidentReference: line,
  headline: text,
  phase: z.enum(RESTART_PHASES),
  updatedAt: instant,
  nextUpdateBy: orNull(instant),
  systems: z.strictObject({
    [PARTS_LOGISTICS]: systemState(PARTS_LOGISTICS),
    [WHOLESALE_FINANCE]: systemState(WHOLESALE_FINANCE),
    [PRODUCTION_SCHEDULE]: systemState(PRODUCTION_SCHEDULE),
  }),
  sites: z
    .array(
      z.strictObject({
        bpns,
        shop: orNull(z.enum(SHOPS)),
        status: z.enum(SITE_RESTART_STATUSES),
        restartDate: orNull(date),
        note: orNull(text),
      }),
    )
    .default([])
    .superRefine(refuseRepeats(({ bpns, shop }) => (shop === null ? bpns : `${bpns} ${shop}`))),
  plannedReopenings: z
    .array(
      z
        .strictObject({
          id: line,
          system: orNull(z.enum(SYSTEM_KEYS)),
          bpns: orNull(bpns),
          scheduledFor: instant,
          scheduledUntil: orNull(instant),
          status: z.enum(PLANNED_REOPENING_STATUSES),
          conditions: text,
        })
        .refine(({ scheduledFor, scheduledUntil }) => ordered(scheduledFor, scheduledUntil ?? scheduledFor), {
          path: ['scheduledUntil'],
          error: 'must not be before scheduledFor',
        }),
    )
    .default([])
    .superRefine(refuseRepeats(({ id }) => id, 'id')),
  updates: z
    .array(
      z.strictObject({
        id: line,
        publishedAt: instant,
        audience: z.array(z.enum(PARTNER_ROLES)).default([]),
        title: line,
        body: text,
        affects: z.array(z.enum(SYSTEM_KEYS)).default([]),
      }),
    )
    .default([])
    .superRefine(refuseRepeats(({ id }) => id, 'id')),
})

/** Parses a declared state; throws `ConfigError` with every problem: source, path, what is wrong, what is allowed. */
export function parseDeclaredState(value: unknown, source: string): RecoveryState {
  return parseOperatorFile(stateSchema, { source, value })
}

/** Every site that a state names, with its place. */
export function sitesOfRestart({
  sites,
  plannedReopenings,
}: RecoveryState): readonly (readonly [place: string, bpns: string])[] {
  return [
    ...sites.map(({ bpns }, index) => [`sites[${index}].bpns`, bpns] as const),
    ...plannedReopenings.flatMap(({ bpns }, index) =>
      bpns === null ? [] : [[`plannedReopenings[${index}].bpns`, bpns] as const],
    ),
  ]
}
