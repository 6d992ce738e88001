import type { GraphQLSchema } from 'graphql'
import type { ParsedConfig } from '../config/schema.ts'
import type { Counters } from '../observe/counters.ts'
import type { Log } from '../observe/log.ts'
import { type Declarations, readDeclarations } from './declarations.ts'
import { readManifests } from './manifests/read-manifests.ts'
import { createPlanner, type Planner } from './planner.ts'
import { createTrustedDocuments, type TrustedDocuments } from './trusted-documents.ts'
import { inspectDocument } from './trusted-documents-inspection.ts'

/** What the gateway knows of operations before any is asked: what the schema declares, their plans, and which are trusted. */
export interface Operations {
  readonly declarations: Declarations
  readonly planner: Planner
  readonly trusted: TrustedDocuments
}

/** Throws `ConfigError` for manifests that cannot be trusted. */
export async function openOperations(
  schema: GraphQLSchema,
  { documents: limits, trustedDocuments: settings }: Pick<ParsedConfig, 'documents' | 'trustedDocuments'>,
  { counters, log }: { readonly counters: Counters; readonly log: Log },
): Promise<Operations> {
  const declarations = readDeclarations(schema)
  const planning = { schema, declarations, limits }
  const trusted = createTrustedDocuments({
    settings,
    manifests: await readManifests(settings.manifests),
    inspect: text => inspectDocument(planning, text),
    counters,
    log,
  })
  return { declarations, planner: createPlanner(planning), trusted }
}
