import { withinDeadline } from '../../../systems/deadline.ts'
import { type Problem, problemsOf } from './problem.ts'

/**
 * Something beside the systems that a gateway needs: a file, a server. Called by `config check` for all of them at once;
 * what they are stands in `services.ts`.
 */
export interface Service {
  /** Such as `journal`. */
  readonly service: string
  /** The setting that names it. */
  readonly setting: string
  readonly remedy: string
  /** What was found, on one line; throws where it is not what it has to be. Lets go of all that it opened. */
  readonly look: (signal: AbortSignal) => Promise<string>
}

export interface ServiceReport {
  readonly service: string
  /** Null: it is not what it has to be. */
  readonly found: string | null
  readonly problems: readonly Problem[]
}

export async function checkService(
  { service, setting, remedy, look }: Service,
  deadlineMs: number,
): Promise<ServiceReport> {
  try {
    return { service, found: await withinDeadline(deadlineMs, look), problems: [] }
  } catch (thrown) {
    return { service, found: null, problems: problemsOf(thrown, setting, remedy) }
  }
}
