import { z } from 'zod'
import { parseOperatorFile } from '../../model/operator-file.ts'
import type { PlacedText } from './manifest-entry.ts'

/**
 * Apollo's persisted query manifest, version 1, as `@apollo/generate-persisted-query-manifest` and the compilers of Apollo
 * Kotlin and Apollo iOS write it: `{ format, version, operations: [{ id, name, type, body }] }`. Called by `manifest.ts`.
 */

const manifestSchema = z.object({
  format: z.literal('apollo-persisted-query-manifest'),
  version: z.literal(1),
  // Their names and types are in the text too, which is what counts.
  operations: z.array(z.object({ id: z.string(), body: z.string() })),
})

/** Whether it is meant to be one: no map of texts has a list among them. */
export function isApolloManifest(value: unknown): boolean {
  return value !== null && typeof value === 'object' && 'operations' in value && Array.isArray(value.operations)
}

/** Throws `ConfigError`. */
export function readApolloManifest(value: unknown, source: string): readonly PlacedText[] {
  const { operations } = parseOperatorFile(manifestSchema, { source, value, member: 'member' })
  return operations.map(({ id, body }, index) => ({ path: ['operations', index], id, text: body }))
}
