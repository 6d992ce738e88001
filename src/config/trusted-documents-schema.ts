import { z } from 'zod'
import { BPNL } from '../model/business-partner-number.ts'
import { refuseRepeats } from '../model/operator-file.ts'
import { group, path, word } from './setting.ts'

/** Which documents partners may ask, and what becomes of any other. Called by the schema of the configuration. */

/** What becomes of a document that is not trusted: it is answered, answered and reported, or refused. */
export const TRUST_MODES = ['off', 'audit', 'enforce'] as const
export type TrustMode = (typeof TRUST_MODES)[number]

/** The section `trustedDocuments`. */
export interface TrustedDocumentsSettings {
  readonly mode: TrustMode
  /** By BPNL, for those to whom another mode applies. */
  readonly partners: Readonly<Record<string, TrustMode>>
  readonly manifests: readonly ManifestSettings[]
}

export interface ManifestSettings {
  readonly file: string
  /** BPNL of those whom it is for; left out: for all. */
  readonly partners?: readonly string[] | undefined
}

const NO_BPNL = 'must be a BPNL (CX-0010): BPNL and 12 letters or digits'

export function trustedDocumentsSchema(directory: string) {
  const manifest = z.strictObject({
    file: path(directory, { is: 'JSON file in the format of Apollo, Relay or GraphQL Code Generator' }),
    partners: z
      .array(z.string().regex(BPNL, NO_BPNL))
      .min(1)
      .superRefine(refuseRepeats(bpnl => bpnl))
      .optional()
      .meta({ description: 'BPNL of the partners whom it is for. Left out: for all.' }),
  })
  return group('Documents that partners may ask: a list made when their clients are built', {
    mode: word(TRUST_MODES, {
      is: 'What becomes of any other document: answered (off), answered and reported (audit), or refused (enforce)',
      preset: 'off',
    }),
    partners: z
      .record(z.string(), z.enum(TRUST_MODES))
      .superRefine((modes, context) => {
        for (const bpnl of Object.keys(modes))
          if (!BPNL.test(bpnl))
            context.addIssue({ code: 'custom', path: [bpnl], message: `is no partner; its name ${NO_BPNL}` })
      })
      .prefault({})
      .meta({ description: 'Partners to whom another mode applies, by BPNL.' }),
    manifests: z.array(manifest).max(1_000).prefault([]).meta({
      description: 'The files with these documents, each for all partners or for some.',
    }),
  }).superRefine(({ mode, partners, manifests }, context) => {
    if (manifests.length > 0 || ![mode, ...Object.values(partners)].includes('enforce')) return
    const message = 'is missing, and with enforce nothing could be asked; must name at least one file'
    context.addIssue({ code: 'custom', path: ['manifests'], message })
  })
}
