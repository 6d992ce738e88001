import type { SystemConfig } from '../../../config/load-config.ts'
import type { MappedConnector } from '../../../connectors/mapped-connector.ts'
import type { Clock } from '../../../model/clock.ts'
import { type SystemKey, systemSlug } from '../../../model/system.ts'
import { liesAhead } from '../../../model/time-ahead.ts'
import type { AnyRelation } from '../../../systems/connector.ts'
import { DeadlineError, withinDeadline } from '../../../systems/deadline.ts'
import type { SiteFile } from './bad-rows.ts'
import { type Problem, problemsOf } from './problem.ts'
import { checkRelation, type RelationReport } from './relation-check.ts'
import { createSteps } from './steps.ts'

/**
 * One restored system: whether it answers, cannot be written to and says as of when, and each of its relations. Called by
 * `config check` for each system, side by side: what one of them meets keeps nothing from the others.
 */
export interface SystemReport {
  readonly system: SystemKey
  /** Kinds of its connectors. */
  readonly connectors: readonly string[]
  /** Something of it answered. */
  readonly reachable: boolean
  /** How it was shown that nothing can be written; null: it was not. */
  readonly readOnly: string | null
  readonly asOf: string | null
  readonly relations: readonly RelationReport[]
  /** Its first data was still being loaded when the time for that was over: nothing of it was looked at. */
  readonly isLoading: boolean
  readonly problems: readonly Problem[]
}

export interface SystemCheck {
  readonly system: SystemKey
  readonly settings: Pick<SystemConfig, 'connectors'>
  readonly open: () => Promise<MappedConnector>
  readonly relations: readonly AnyRelation[]
  readonly sites: SiteFile | null
  /** Most that one step may take, in milliseconds. */
  readonly deadlineMs: number
  /** Most that the first load of what is loaded may take, in milliseconds. */
  readonly loadingMs: number
  readonly clock: Clock
  readonly progress: (text: string) => void
}

/** Opens the system and closes it again, whatever comes of it. */
export async function checkSystem(check: SystemCheck): Promise<SystemReport> {
  const { system, settings, open, deadlineMs } = check
  const connectors = settings.connectors.map(({ kind }) => kind)
  const opening = open()
  try {
    const connector = await withinDeadline(deadlineMs, () => opening)
    return { system, connectors, ...(await look(connector, check)) }
  } catch (thrown) {
    const problems = problemsOf(thrown, systemSlug(system), `see that systems.${system} names what is there`)
    return {
      system,
      connectors,
      reachable: false,
      readOnly: null,
      asOf: null,
      relations: [],
      isLoading: false,
      problems,
    }
  } finally {
    const closing = opening.then(connector => connector.close())
    await withinDeadline(Math.min(deadlineMs, CLOSING_MS), () => closing).catch(() => {})
  }
}

async function look(connector: MappedConnector, check: SystemCheck) {
  const { system, relations, sites, deadlineMs, clock, progress } = check
  const slug = systemSlug(system)
  if (!(await isLoaded(connector, check))) return stillLoading(check)
  const steps = createSteps(deadlineMs)
  progress(`${slug}: whether it answers and cannot be written to\n`)
  const readOnly = await steps.attempt({
    where: slug,
    failure: 'it is not shown that it can only be read',
    remedy: `see that systems.${system} reaches the source, as a user who may read and nothing else`,
    run: signal => connector.proveReadOnly(signal),
  })
  const asOf = await steps.attempt({
    where: slug,
    failure: 'it does not say as of when its data is',
    remedy: `see that systems.${system} reaches the source, and says where the time of the data stands`,
    run: signal => connector.freshness(signal),
  })
  const reports: RelationReport[] = []
  for (const [index, relation] of relations.entries()) {
    progress(`${slug}: ${relation.name} (${index + 1} of ${relations.length})\n`)
    reports.push(await checkRelation({ relation, where: `${slug} ${relation.name}`, connector, steps, sites }))
  }
  return {
    // Some show that they are only read without asking anybody.
    reachable: asOf !== null || reports.some(({ mappingRight, rows }) => mappingRight === true || rows !== null),
    readOnly,
    asOf,
    isLoading: false,
    relations: reports.map(report => (isUntold(report, steps.problems) ? report : { ...report, mappingRight: null })),
    problems: [
      ...steps.problems,
      ...untimely(slug, asOf, clock),
      // What does not answer at all is told by its steps.
      ...(asOf === null ? [] : warned(slug, connector)),
      ...reports.flatMap(({ problems }) => problems.filter(({ what }) => !isTold(what, steps.problems))),
    ],
  }
}

/** Whether all that is loaded before the first read has been, or was refused, in the time that there is for it. */
async function isLoaded({ whenLoaded }: MappedConnector, check: SystemCheck): Promise<boolean> {
  if (whenLoaded === undefined) return true
  const say = (text: string) => check.progress(`${systemSlug(check.system)}: ${text}\n`)
  try {
    await withinDeadline(check.loadingMs, signal => whenLoaded(signal, say))
    return true
  } catch (thrown) {
    if (thrown instanceof DeadlineError) return false
    throw thrown
  }
}

function stillLoading({ system, loadingMs }: SystemCheck) {
  const problem = {
    where: systemSlug(system),
    what: `its first data is still being loaded after ${loadingMs / 1_000} s, and nothing of it was checked`,
    remedy: 'give --timeout more seconds',
  }
  return { reachable: true, readOnly: null, asOf: null, relations: [], isLoading: true, problems: [problem] }
}

/** What takes longer to close is left to end with the process. */
const CLOSING_MS = 5_000
function untimely(where: string, asOf: string | null, clock: Clock): readonly Problem[] {
  if (asOf === null || !liesAhead(asOf, clock.now())) return []
  const remedy = 'see that the source gives the time with its offset, and that both clocks are right'
  return [{ where, what: `its data is said to be as of ${asOf}, which lies ahead`, remedy }]
}

/** A source that is away may be met again in each of its mappings. */
function isTold(what: string, told: readonly Problem[]): boolean {
  return told.some(problem => problem.what.endsWith(`: ${what}`))
}

/** Where a source is away, nothing is known of its mappings. */
function isUntold({ problems }: RelationReport, told: readonly Problem[]): boolean {
  return problems.length === 0 || problems.some(({ what }) => !isTold(what, told))
}

function warned(where: string, connector: MappedConnector): readonly Problem[] {
  const warning = connector.warning()
  return warning === null ? [] : [{ where, what: warning, remedy: 'what was good last is served until then' }]
}
