import type { Viewer } from '../model/viewer.ts'
import type { Variables } from '../operations/cost.ts'
import type { Plan } from '../operations/plan.ts'
import { documentIdOf, type Planner } from '../operations/planner.ts'
import { type Question, questionOf } from '../operations/question.ts'

/**
 * Reads the question out of a request's parameters (GraphQL over HTTP) where its document has been planned before. It
 * refuses nothing and words nothing: what is new, unusual or wrong in any way is left to the protocol.
 */
export interface QuestionReader {
  /** Null: the protocol has to read it. */
  questionIn(parameters: Parameters, viewer: Viewer): Question | null
  /** The parameters with the text of a trusted document in the place of its id; as they are where they name none. */
  withText(parameters: Parameters, viewer: Viewer): Parameters
  /** Whether the parameters name a document by an id of a manifest, and have neither its text nor a hash. */
  isByIdAlone(parameters: Parameters): boolean
}

export type Parameters = Readonly<Record<string, unknown>>

export interface QuestionReaderOptions {
  readonly planner: Pick<Planner, 'known' | 'knownByHash'>
  /** The text of a document that the viewer may ask by this id; null: there is none. */
  readonly textOf: (id: string, viewer: Viewer) => string | null
}

/** Members that name a persisted document: by the GraphQL specification's draft, and by Relay's convention. */
const ID_MEMBERS = ['documentId', 'doc_id', 'id'] as const
const KNOWN_MEMBERS: ReadonlySet<string> = new Set(['query', 'variables', 'operationName', 'extensions', ...ID_MEMBERS])

export function createQuestionReader({ planner, textOf }: QuestionReaderOptions): QuestionReader {
  function planIn(parameters: Parameters, operationName: string | undefined, viewer: Viewer): Plan | undefined {
    const { query } = parameters
    const extensions = askedIn(parameters.extensions)
    if (typeof query === 'string')
      return extensions === null ? planner.known(documentIdOf(query), operationName) : undefined
    const id = idIn(parameters)
    if (id === null) return undefined
    const text = textOf(id, viewer)
    if (text !== null) return planner.known(documentIdOf(text), operationName)
    const hash = persistedHash(extensions)
    return hash === null ? undefined : planner.knownByHash(hash, operationName)
  }

  return {
    questionIn(parameters, viewer) {
      for (const member in parameters) if (!KNOWN_MEMBERS.has(member)) return null
      const { variables, operationName } = parameters
      if (!isVariables(variables) || !(operationName == null || typeof operationName === 'string')) return null
      const plan = planIn(parameters, operationName ?? undefined, viewer)
      if (plan === undefined) return null
      try {
        return questionOf(plan, variables ?? undefined)
      } catch {
        return null
      }
    },
    withText(parameters, viewer) {
      if (parameters.query !== undefined) return parameters
      const id = idIn(parameters)
      const text = id === null ? null : textOf(id, viewer)
      if (text === null) return parameters
      const { extensions: _, ...rest } = parameters
      const own = Object.entries(rest).filter(([member]) => !(ID_MEMBERS as readonly string[]).includes(member))
      return { ...Object.fromEntries(own), query: text }
    },
    isByIdAlone: parameters =>
      parameters.query === undefined && askedIn(parameters.extensions) === null && memberIdIn(parameters) !== null,
  }
}

function idIn(parameters: Parameters): string | null {
  return memberIdIn(parameters) ?? persistedHash(askedIn(parameters.extensions))
}

function memberIdIn(parameters: Parameters): string | null {
  for (const member of ID_MEMBERS) {
    const id = parameters[member]
    if (typeof id === 'string') return id
  }
  return null
}

/** What a request's extensions ask for; null: nothing. Apollo Client 4 says its name and version there, which asks nothing. */
function askedIn(extensions: unknown): unknown {
  if (!isObject(extensions)) return extensions ?? null
  const { clientLibrary: _, ...asked } = extensions
  return Object.keys(asked).length === 0 ? null : asked
}

/** Of Apollo's persisted queries, without anything beside it. */
function persistedHash(extensions: unknown): string | null {
  if (!isObject(extensions)) return null
  const { persistedQuery, ...others } = extensions
  if (Object.keys(others).length > 0 || !isObject(persistedQuery) || persistedQuery.version !== 1) return null
  const { sha256Hash } = persistedQuery
  return typeof sha256Hash === 'string' ? sha256Hash : null
}

function isVariables(value: unknown): value is Variables | null | undefined {
  return value == null || isObject(value)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
