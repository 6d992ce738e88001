import type { Viewer } from '../model/viewer.ts'
import { authorize } from '../operations/authorize.ts'
import type { Variables } from '../operations/cost.ts'
import { INTROSPECTION_SCOPE } from '../operations/declarations.ts'
import type { AskedDocument, OperationKind } from '../operations/plan.ts'
import type { Planner } from '../operations/planner.ts'
import { type Question, questionOf } from '../operations/question.ts'
import { reticent } from '../operations/reticence.ts'

/**
 * The steps between a parsed document and its execution, the same for an operation that is answered and one that is
 * streamed: plan, trust, scopes, variables, cost. Whatever throws here refuses the whole operation, before anything is read.
 */
export interface PlanningSteps extends AdmissionSteps {
  readonly planner: Planner
}

/** What a viewer has to pass before a question of its is answered, from whatever cache. */
export interface AdmissionSteps {
  /** Refuses a document that the viewer may not ask. */
  readonly assertTrusted: (documentId: string, viewer: Viewer) => void
  /** Refuses an operation that is too dear for the viewer, and spends its cost otherwise; at once, where it can. */
  readonly spend: (viewer: Viewer, cost: number) => void | Promise<void>
}

export interface AskedOperation extends AskedDocument {
  readonly variables: Variables | undefined
  /** What may be asked where it was asked. */
  readonly kind: OperationKind
  /** Whether its document is to be kept for the client, to be asked again by its hash. */
  readonly isRegistered?: boolean
  /** Whether it was asked by its hash. */
  readonly isByHash?: boolean
}

/** @throws GatewayError, and then nothing has run */
export async function planOperation(steps: PlanningSteps, asked: AskedOperation, viewer: Viewer): Promise<Question> {
  const question = readQuestion(steps, asked, viewer)
  await steps.spend(viewer, question.cost + registrationCost(asked))
  if (asked.isRegistered || asked.isByHash) steps.planner.register(question.plan)
  return question
}

function readQuestion({ planner, assertTrusted }: PlanningSteps, asked: AskedOperation, viewer: Viewer): Question {
  try {
    const plan = planner.planFor(asked, asked.kind, viewer.partner.bpnl)
    assertTrusted(plan.documentId, viewer)
    authorize(plan, viewer)
    return questionOf(plan, asked.variables)
  } catch (thrown) {
    throw viewer.scopes.has(INTROSPECTION_SCOPE) ? thrown : reticent(thrown, asked.source)
  }
}

/** Is told of every question that is let in. */
export type Note = (question: Question, viewer: Viewer) => void

/** The same steps for a question that is known: at once, where the budget can be asked at once. */
export interface Admittance {
  /** Throws where the viewer does not hold the scopes. */
  authorize(question: Question, viewer: Viewer): void
  /** Lets it in: throws where its document is not trusted, or takes its cost; at once, where it can. */
  admit(question: Question, viewer: Viewer): void | Promise<void>
}

export function createAdmittance({ assertTrusted, spend }: AdmissionSteps, note: Note): Admittance {
  return {
    authorize: ({ plan }, viewer) => authorize(plan, viewer),
    admit(question, viewer) {
      assertTrusted(question.plan.documentId, viewer)
      const spent = spend(viewer, question.cost)
      if (spent !== undefined) return spent.then(() => note(question, viewer))
      note(question, viewer)
    },
  }
}

const REGISTERED_CHARACTERS_A_UNIT = 1_000

function registrationCost({ source, isRegistered = false }: AskedOperation): number {
  return isRegistered ? Math.ceil(source.length / REGISTERED_CHARACTERS_A_UNIT) : 0
}
