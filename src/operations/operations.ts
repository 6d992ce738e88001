import type { GraphQLSchema } from 'graphql'
import type { ParsedConfig } from '../config/schema.ts'
import type { Counters } from '../observe/counters.ts'
import type { Log } from '../observe/log.ts'
import { type Declarations, readDeclarations } from './declarations.ts'
import type { Manifest } from './manifests/manifest-entry.ts'
import { readManifests } from './manifests/read-manifests.ts'
import { createPlanner, documentIdOf, type Planner } from './planner.ts'
import { createTrustedDocuments, type TrustedDocuments } from './trusted-documents.ts'
import { inspectDocument } from './trusted-documents-inspection.ts'

/** What the gateway knows of operations before any is asked: what the schema declares, their plans, and which are trusted. */
export interface Operations {
  readonly declarations: Declarations
  readonly planner: Planner
  readonly trusted: TrustedDocuments
}

export interface OperationsOptions {
  readonly counters: Counters
  readonly log: Log
  /** Texts that the gateway's own pages ask for their readers, whoever these are. */
  readonly ownDocuments: readonly string[]
}

/** Throws `ConfigError` for manifests that cannot be trusted. */
export async function openOperations(
  schema: GraphQLSchema,
  { documents: limits, trustedDocuments: settings }: Pick<ParsedConfig, 'documents' | 'trustedDocuments'>,
  { counters, log, ownDocuments }: OperationsOptions,
): Promise<Operations> {
  const declarations = readDeclarations(schema)
  const planning = { schema, declarations, limits }
  const trusted = createTrustedDocuments({
    settings,
    manifests: [...(await readManifests(settings.manifests)), ownManifest(ownDocuments)],
    inspect: text => inspectDocument(planning, text),
    counters,
    log,
  })
  return { declarations, planner: createPlanner(planning), trusted }
}

function ownManifest(texts: readonly string[]): Manifest {
  const entries = texts.map((text, index) => ({ id: documentIdOf(text), text, place: `documents[${index}]` }))
  return { file: "the gateway's own pages", partners: null, entries }
}
