import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { readYaml } from '../src/config/yaml-file.ts'
import { parseOperatorFile, refuseRepeats } from '../src/model/operator-file.ts'
import type { PartnerEntry } from '../src/model/partner-entry.ts'
import { entryOf, partnerGranted } from '../src/recovery/statements/kinds/partner-grant.ts'
import { bpnl } from '../src/recovery/statements/vocabulary.ts'

/**
 * The sample partners of the embedded default, as `directory/partners.yaml` has them. Called by the story, which grants
 * them their rights, and by the command that prints their tokens. The gateway itself knows partners from the journal only.
 */

export const SAMPLE_PARTNERS_FILE = fileURLToPath(new URL('directory/partners.yaml', import.meta.url))

const partnersSchema = z.strictObject({
  partners: z
    .array(
      partnerGranted
        .extend({ bpnl, disabled: z.boolean().default(false) })
        .transform(({ bpnl, disabled, ...granted }) => entryOf(bpnl, disabled, granted)),
    )
    .superRefine(refuseRepeats(partner => partner.bpnl, 'bpnl')),
})

/** Throws `ConfigError` with every problem of the file. */
export async function readSamplePartners(): Promise<readonly PartnerEntry[]> {
  const value = await readYaml(SAMPLE_PARTNERS_FILE)
  return parseOperatorFile(partnersSchema, { source: SAMPLE_PARTNERS_FILE, value }).partners
}
