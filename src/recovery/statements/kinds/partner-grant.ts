import { z } from 'zod'
import { refuseRepeats } from '../../../model/operator-file.ts'
import { type PartnerEntry, TOKEN_BINDINGS } from '../../../model/partner-entry.ts'
import { PARTNER_ROLES } from '../../../model/viewer.ts'
import { defineKind } from '../statement-kind.ts'
import { bpns, line, named, wave } from '../vocabulary.ts'

const unique = refuseRepeats((name: string) => name)
const cost = z.int().min(1).max(1_000_000_000)

const tokenBinding = z
  .enum(TOKEN_BINDINGS)
  .describe(
    'To what its tokens must be bound, or they are refused: DPOP, a key that it proves with each request (RFC 9449); MUTUAL_TLS, its certificate (RFC 8705)',
  )

/** All that a partner is to the gateway but its number, which is the subject. */
export const partnerGranted = z.strictObject({
  name: line.describe('Its name'),
  roles: z.array(z.enum(PARTNER_ROLES)).min(1).superRefine(unique).describe('What it is to the manufacturer'),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/, 'must be a scope (RFC 6749), such as parts:read'))
    .max(100)
    .superRefine(unique)
    .describe('Scopes that its tokens may carry; what neither grants nor token has, it has not'),
  sites: z
    .array(bpns)
    .max(1_000)
    .default([])
    .superRefine(unique)
    .describe('BPNS of the sites that serve it, nearest first'),
  wave: wave.nullable().default(null).describe('The wave of LIMITED_OPEN that it belongs to, 1 first; null: none'),
  clients: z
    .array(z.string().regex(/^[\x21-\x7e]{1,255}$/, 'must be a client identifier of 1 to 255 printable characters'))
    .min(1)
    .max(100)
    .superRefine(unique)
    .describe('Client identifiers at the issuer (`client_id`) that act for it'),
  token_binding: tokenBinding.default('NONE'),
  limits: z
    .strictObject({
      operationCost: cost.optional().describe('Most that one operation may cost'),
      costPerMinute: cost.optional().describe('What it may spend in a minute'),
    })
    .nullable()
    .default(null)
    .describe('In units of the cost directives; null or left out: those of the configuration'),
})

/** The same, but for what protects the partner: that ends by being named, not by being left out. */
const partnerChanged = partnerGranted.extend({
  token_binding: tokenBinding
    .optional()
    .describe(`${tokenBinding.description}; NONE takes either. Left out: as it was`),
})

/** What is granted, as the registry keeps it. */
export function entryOf(bpnl: string, disabled: boolean, granted: z.output<typeof partnerGranted>): PartnerEntry {
  const { token_binding: tokenBinding, ...rest } = granted
  return { bpnl, ...rest, tokenBinding, disabled }
}

const step = <A extends string, S extends z.ZodRawShape>(action: A, rest: S) =>
  z.strictObject({
    sub: named('urn:partner', /BPNL[a-zA-Z0-9]{12}/, 'BPNL00000R000121').describe(
      '`urn:partner:` and the BPNL of the partner',
    ),
    action: z.literal(action).describe('What is done'),
    ...rest,
  })

/** Who may ask: registers a partner, replaces all that it is granted, disables it or enables it again. */
export const partnerGrant = defineKind({
  kind: 'partner-grant',
  is: 'Registers a partner with its rights, replaces them, disables the partner or enables it again.',
  signers: ['PARTNER_MANAGER'],
  longestHours: 24,
  claims: z.discriminatedUnion('action', [
    step('REGISTER', { partner: partnerGranted.describe('All that it is granted') }),
    step('CHANGE', {
      partner: partnerChanged.describe('All that it is granted from now on, in place of what it was'),
    }),
    step('DISABLE', {}),
    step('ENABLE', {}),
  ]),
})
