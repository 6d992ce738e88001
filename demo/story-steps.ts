import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { readYaml } from '../src/config/yaml-file.ts'
import { ConfigError, parseOperatorFile } from '../src/model/operator-file.ts'
import type { PartnerEntry } from '../src/model/partner-entry.ts'
import { parseClaims } from '../src/recovery/statements/claims.ts'
import { type KindName, STATEMENT_KINDS } from '../src/recovery/statements/statement-kinds.ts'
import { instant } from '../src/recovery/statements/vocabulary.ts'
import { OPERATOR_ROLES, type OperatorRole } from './sample-keys.ts'

/**
 * Reads the story of the embedded default from `story/*.yaml`: every statement from the isolation to today, in the order
 * in which they were made. Called by whoever tells it. It signs nothing and submits nothing.
 */
export interface StoryStep {
  /** Where it stands and what it is, for messages. */
  readonly name: string
  /** The same step has the same id at every start, so that a story that broke off goes on where it ended. UUID. */
  readonly id: string
  /** When it happened, RFC 3339 in UTC. */
  readonly at: string
  readonly signedBy: OperatorRole
  readonly kind: KindName
  /** The kind's claims as they are signed, but for what is counted. */
  readonly claims: Claims
  /** Relations that the attester counts; the totals of an attestation come from there. */
  readonly counted: readonly string[]
}

type Claims = Readonly<Record<string, unknown>>

/** In this order where two steps happened at the same time. */
const FILES = [
  'incident.yaml',
  'parts-logistics.yaml',
  'wholesale-finance.yaml',
  'production-schedule.yaml',
  'sites.yaml',
  'reopenings.yaml',
  'backlog.yaml',
  'updates.yaml',
] as const

/** Partners were entered once the first systems were being restored, before any was open. */
const PARTNERS_REGISTERED_AT = '2025-09-22T08:00:00.000Z'
const PARTNERS_DISABLED_AT = '2025-09-23T08:00:00.000Z'

/** The kinds that say themselves when something happened, in this claim. */
const TIME_CLAIMS: { readonly [K in KindName]?: string } = {
  'lifecycle-transition': 'occurred_at',
  'backlog-measure': 'measured_at',
  'restart-update': 'published_at',
}

/** Throws `ConfigError` with every problem of a file. */
export async function readStory(partners: readonly PartnerEntry[]): Promise<readonly StoryStep[]> {
  const steps = partners.flatMap(grantsOf)
  for (const file of FILES) steps.push(...(await readChapter(fileURLToPath(new URL(`story/${file}`, import.meta.url)))))
  return steps.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))
}

const common = z.strictObject({
  at: instant.optional(),
  signed_by: z.enum(OPERATOR_ROLES).optional(),
  kind: z.enum(STATEMENT_KINDS.map(({ kind }) => kind)).optional(),
  claims: z.record(z.string(), z.unknown()).default({}),
  counted: z.array(z.string()).default([]),
})
const chapterSchema = z.strictObject({
  /** What every statement of the file has that does not say otherwise. */
  common: common.prefault({}),
  statements: z.array(common).min(1),
})

async function readChapter(file: string): Promise<readonly StoryStep[]> {
  const chapter = parseOperatorFile(chapterSchema, { source: file, value: await readYaml(file) })
  return chapter.statements.map((statement, index) => {
    const { at, kind, signed_by: signedBy } = { ...chapter.common, ...statement }
    const place = `${file}: statements[${index}]`
    if (at === undefined || kind === undefined || signedBy === undefined)
      throw new ConfigError([`${place}: must have at, kind and signed_by, here or under common`])
    const claims = { ...chapter.common.claims, ...statement.claims }
    return createStep({ place, at, kind, signedBy, claims, counted: statement.counted })
  })
}

/** The statements that register a partner, and disable it where it is. */
function grantsOf({ bpnl, disabled, tokenBinding, ...rest }: PartnerEntry): readonly StoryStep[] {
  const partner = { ...rest, token_binding: tokenBinding }
  const grant = (at: string, claims: Claims) =>
    createStep({
      place: 'sample partners',
      at,
      kind: 'partner-grant',
      signedBy: 'PARTNER_MANAGER',
      claims: { sub: `urn:partner:${bpnl}`, ...claims },
      counted: [],
    })
  return [
    grant(PARTNERS_REGISTERED_AT, { action: 'REGISTER', partner }),
    ...(disabled ? [grant(PARTNERS_DISABLED_AT, { action: 'DISABLE' })] : []),
  ]
}

function createStep({ place, ...step }: Omit<StoryStep, 'name' | 'id'> & { readonly place: string }): StoryStep {
  const { at, kind, counted } = step
  const timeClaim = TIME_CLAIMS[kind]
  const claims = { ...(timeClaim === undefined ? {} : { [timeClaim]: at }), ...step.claims }
  // Now rather than when it is told, so that an edit is found wrong before anything is signed.
  parseClaims(kind, kind === 'restore-attestation' ? { ...claims, totals: {} } : claims, `${place}: claims`)
  const content = JSON.stringify([at, kind, step.signedBy, claims, counted])
  return { ...step, claims, name: `${place}: ${kind} ${String(claims.sub)}`, id: uuidOf(content) }
}

/** A UUID of version 8 (RFC 9562 §5.8): the SHA-256 of the content, cut to size. */
function uuidOf(content: string): string {
  const bytes = createHash('sha256').update(content).digest().subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
