import { z } from 'zod'
import { BPNL } from '../model/business-partner-number.ts'
import { refuseRepeats } from '../model/operator-file.ts'
import { group, matching, path, url, whole } from './setting.ts'

/** Where partners are told of the restart by HTTP, and how often it is tried. Called by the schema of the configuration. */

/** One entry of `webhooks.endpoints`. */
export interface WebhookEndpointSettings {
  readonly id: string
  /** BPNL: what is sent is what this partner may read. */
  readonly partner: string
  readonly url: string
  /** The first is the current one; the second, where there is one, is on its way out or in. */
  readonly secretFiles: readonly string[]
}

export function webhooksSchema(directory: string) {
  const endpoint = z.strictObject({
    id: matching(
      { is: 'What operators call it' },
      /^[a-z0-9][a-z0-9-]{0,62}$/,
      'must be a name of lower case letters, digits and hyphens, at most 63 of them',
    ),
    partner: matching(
      { is: 'BPNL of the partner: what is sent is what it may read' },
      BPNL,
      'must be a BPNL (CX-0010): BPNL and 12 letters or digits',
    ),
    url: url({ is: 'Where to send it' }),
    secretFiles: z
      .array(path(directory, { is: 'File with the secret that is shared with the partner: whsec_ and base64' }))
      .min(1)
      .max(2)
      .meta({ description: 'The files with the shared secret; two while one is replaced by the other.' }),
  })
  return group('News of the restart, sent to partners as webhooks', {
    endpoints: z
      .array(endpoint)
      .max(1_000)
      .superRefine(refuseRepeats(({ id }) => id, 'id'))
      .prefault([])
      .meta({ description: 'Where they are sent: id, partner, url and secretFiles of each; none: nothing is sent.' }),
    timeoutMs: whole({
      is: 'Longest wait for the answer of a receiver',
      unit: 'milliseconds',
      from: 100,
      to: 30_000,
      preset: 10_000,
    }),
    attempts: whole({ is: 'How often a delivery is tried before it is given up', from: 1, to: 10, preset: 10 }),
    atOnce: whole({ is: 'How many endpoints an instance sends to at a time', from: 1, to: 100, preset: 8 }),
  })
}
