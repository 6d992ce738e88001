import type { Viewer } from '../model/viewer.ts'
import { authorize } from '../operations/authorize.ts'
import type { Plan } from '../operations/plan.ts'
import type { Planner } from '../operations/planner.ts'
import type { SystemReading, UpdateReading } from '../webhooks/news.ts'
import type { ReadRestart } from '../webhooks/readers.ts'
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
const DOCUMENT = `query RestartForWebhooks($first: Int!, $after: String) {
  restartStatus {
    systems { key name lifecycle componentStatus since nextUpdateBy answersViewer knownLimitations workaround contact }
    updates(first: $first, after: $after) {
      edges { node { id publishedAt title body affects } }
      pageInfo { hasNextPage endCursor }
    }
  }
}`

interface Page {
  readonly systems: readonly SystemReading[]
  readonly updates: {
    readonly edges: readonly { readonly node: UpdateReading }[]
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
  }
}

const updatesOf = ({ updates }: Page): readonly UpdateReading[] => updates.edges.map(({ node }) => node)

/** The reading throws where the viewer may not read the restart, or no longer. Not before the server is ready. */
export function createRestartReader(options: RestartReaderOptions): ReadRestart {
  const { planner, execution, knowledge, maxPageSize } = options
  let plan: Plan | undefined

  async function readPage(viewer: Viewer, first: number, after: string | null): Promise<Page> {
    plan ??= planner.keep(DOCUMENT)[0]
    if (plan === undefined) throw new TypeError('the document for webhooks holds one query')
    authorize(plan, viewer)
    const context = createRequestContext('webhooks', viewer, NO_REQUEST_READS, knowledge)
    context.plan = plan
    context.variables = plan.coerceVariables({ first, after })
    const { data, errors = [] } = await execution.execute(context)
    const [error] = errors
    if (error !== undefined) throw error
    return (data as unknown as { readonly restartStatus: Page }).restartStatus
  }

  /** Page by page to the last: however many updates there are, it ends. */
  async function findBeyond(newest: Page, viewer: Viewer, id: string): Promise<readonly UpdateReading[]> {
    let { pageInfo } = newest.updates
    while (pageInfo.hasNextPage) {
      const page = await readPage(viewer, maxPageSize, pageInfo.endCursor)
      const found = updatesOf(page).filter(update => update.id === id)
      if (found.length > 0) return found
      pageInfo = page.updates.pageInfo
    }
    return []
  }

  return async (viewer, updateId) => {
    // Before it is read: what is read is of this entry or of a later one.
    const { sequence } = knowledge.restart().head
    const newest = await readPage(viewer, Math.min(UPDATES, maxPageSize), null)
    const updates = updatesOf(newest)
    const isBeyond = updateId !== null && updates.every(({ id }) => id !== updateId)
    const older = isBeyond ? await findBeyond(newest, viewer, updateId) : []
    const horizon = newest.updates.pageInfo.hasNextPage ? (updates.at(-1)?.publishedAt ?? null) : null
    return { sequence, systems: newest.systems, updates: [...updates, ...older], horizon }
  }
}
