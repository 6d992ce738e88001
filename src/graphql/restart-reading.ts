import type { Viewer } from '../model/viewer.ts'
import { authorize } from '../operations/authorize.ts'
import type { Plan } from '../operations/plan.ts'
import type { Planner } from '../operations/planner.ts'
import type { RestartReading, SystemReading, UpdateReading } from '../webhooks/news.ts'
import { createRequestContext, type Knowledge, NO_REQUEST_READS } from './context.ts'
import type { Execution } from './execution.ts'

/**
 * Reads the restart as a viewer may, by a document of the gateway's own and the steps of any other: what partners are sent is what
 * they could ask for. Called by the webhooks; it costs the partner nothing and reads no restored system.
 */
export interface RestartReaderOptions {
  readonly planner: Pick<Planner, 'keep'>
  readonly execution: Pick<Execution, 'execute'>
  readonly knowledge: Knowledge
  /** Most entries of one page. */
  readonly maxPageSize: number
}

/** Updates that are looked at: more are never published between two looks. */
const UPDATES = 50

/** `docs/partners/webhooks.md` has the same members. */
const documentOf = (updates: number) => `query RestartForWebhooks {
  restartStatus {
    systems { key name lifecycle componentStatus since answersViewer knownLimitations workaround contact }
    updates(first: ${updates}) { edges { node { id publishedAt title body affects } } }
  }
}`

interface Answer {
  readonly restartStatus: {
    readonly systems: readonly SystemReading[]
    readonly updates: { readonly edges: readonly { readonly node: UpdateReading }[] }
  }
}

/** The reading throws where the viewer may not read the restart, or no longer. Not before the server is ready. */
export function createRestartReader(options: RestartReaderOptions): (viewer: Viewer) => Promise<RestartReading> {
  const { planner, execution, knowledge, maxPageSize } = options
  let plan: Plan | undefined
  return async viewer => {
    plan ??= planner.keep(documentOf(Math.min(UPDATES, maxPageSize)))[0]
    if (plan === undefined) throw new TypeError('the document for webhooks holds one query')
    authorize(plan, viewer)
    // Before it is read: what is read is of this entry or of a later one.
    const { sequence } = knowledge.restart().head
    const context = createRequestContext('webhooks', viewer, NO_REQUEST_READS, knowledge)
    context.plan = plan
    context.variables = plan.coerceVariables(undefined)
    const { data, errors = [] } = await execution.execute(context)
    const [error] = errors
    if (error !== undefined) throw error
    const { systems, updates } = (data as unknown as Answer).restartStatus
    return { sequence, systems, updates: updates.edges.map(({ node }) => node) }
  }
}
