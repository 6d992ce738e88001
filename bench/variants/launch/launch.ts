import type { BenchSite } from '../../site/site.ts'
import type { RunningVariant, VariantOptions } from '../variant.ts'

/** Starts a variant; one file in this folder for each kind. Called by start.ts. */
export type Launch = (site: BenchSite, options: VariantOptions) => Promise<RunningVariant>

/** The URL of a listener on loopback. */
export const loopback = (port: number, path = '/graphql'): string => `http://127.0.0.1:${port}${path}`
