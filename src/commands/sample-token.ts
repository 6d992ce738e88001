import { readSamplePartners } from '../../demo/sample-partners.ts'
import type { Config } from '../config/load-config.ts'
import { createEmbeddedIssuer } from '../identity/embedded-issuer.ts'
import { systemClock } from '../model/clock.ts'

/** A bearer token of a sample partner of the embedded default, for the command that prints it and for its pages. */

export const SAMPLES = ['retailer', 'supplier', 'internal'] as const
export type Sample = (typeof SAMPLES)[number]

export interface SampleToken {
  readonly sample: Sample
  readonly lifetimeSeconds: number
}

/** Null: no partner has the sample's client. */
export async function signSampleToken(
  { identity: { issuer, audience } }: Pick<Config, 'identity'>,
  directory: string,
  { sample, lifetimeSeconds }: SampleToken,
): Promise<string | null> {
  const clientId = `sample-${sample}`
  // What it asks for; what it is granted stands in the journal.
  const entry = (await readSamplePartners()).find(partner => partner.clients.includes(clientId))
  if (entry === undefined) return null
  const { sign } = await createEmbeddedIssuer({ directory, issuer, audience, clock: systemClock })
  return sign({ clientId, scopes: entry.scopes, lifetimeSeconds })
}
