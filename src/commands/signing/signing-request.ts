import { SIGNATORY_ROLES, type SignatoryRole } from '../../recovery/statements/signatory.ts'
import { ADMIN, ADMIN_USAGE, choice, wholeNumber } from '../arguments.ts'
import { UsageError } from '../command.ts'

/** What every command that signs may be told: with whose key, for how long, and whether to ask. */
export interface SigningRequest {
  readonly admin: string | undefined
  readonly json: boolean
  /** Undefined: the sample key of a role, in the embedded default. */
  readonly keyFile: string | undefined
  /** Undefined: the first role that may sign it. */
  readonly role: SignatoryRole | undefined
  /** Undefined: that of the embedded default. */
  readonly config: string | undefined
  readonly yes: boolean
  readonly dryRun: boolean
  /** Whether guards that passed are shown one by one. */
  readonly verbose: boolean
  /** Undefined: as long as is usual for the kind. */
  readonly lifetimeSeconds: number | undefined
}

export const KEY = {
  key: { type: 'string' },
  as: { type: 'string' },
  config: { type: 'string' },
  lifetime: { type: 'string' },
  yes: { type: 'boolean', short: 'y', default: false },
} as const

/** Of commands that hand something in. */
export const HANDING_IN = {
  'dry-run': { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
} as const
/** Of commands that sign and submit. */
export const SIGNING = { ...KEY, ...HANDING_IN, ...ADMIN } as const

/** The gateway signs for itself alone. */
const ROLES = SIGNATORY_ROLES.filter(role => role !== 'GATEWAY')

export const KEY_USAGE = `  --key FILE               the private key to sign with
  --as ROLE                embedded default only: the role whose sample key signs, one of
                           ${ROLES.slice(0, 4).join(', ')},
                           ${ROLES.slice(4).join(', ')}
  --config FILE            the gateway's configuration; without it the embedded default
  --lifetime SECONDS       how long it is valid (3600; an attestation: as long as the policy allows)
  --yes, -y                do not ask
`

export const HANDING_IN_USAGE = `  --dry-run                change nothing; show guards and who would be answered or refused
  --verbose                show the guards that passed, too
`

export const SIGNING_USAGE = `${KEY_USAGE}${HANDING_IN_USAGE}${ADMIN_USAGE}`

const MAX_LIFETIME_SECONDS = 366 * 86_400

export interface SigningValues {
  readonly key?: string | undefined
  readonly as?: string | undefined
  readonly config?: string | undefined
  readonly lifetime?: string | undefined
  readonly yes: boolean
  readonly json: boolean
  readonly 'dry-run'?: boolean
  readonly verbose?: boolean
  readonly admin?: string | undefined
}

/** Throws `UsageError`. */
export function parseSigning(values: SigningValues): SigningRequest {
  const { key, as, config, lifetime, yes, json, admin } = values
  if (key !== undefined && as !== undefined)
    throw new UsageError('--as chooses among the sample keys; with --key it is the key that says who signs')
  return {
    admin,
    json,
    keyFile: key,
    role: as === undefined ? undefined : choice('--as', as, ROLES),
    config,
    yes,
    dryRun: values['dry-run'] ?? false,
    verbose: values.verbose ?? false,
    lifetimeSeconds: lifetime === undefined ? undefined : wholeNumber('--lifetime', lifetime, 1, MAX_LIFETIME_SECONDS),
  }
}
