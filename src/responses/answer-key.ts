import { keyOf } from '../model/key.ts'
import { partitionOf } from '../model/partition.ts'
import { SYSTEM_KEYS, type SystemKey } from '../model/system.ts'
import { VIEWER_FACTS, type Viewer, type ViewerFact } from '../model/viewer.ts'
import type { Variables } from '../operations/cost.ts'
import type { Plan } from '../operations/plan.ts'
import type { Question } from '../operations/question.ts'
import type { Recovery, RecoverySnapshot } from '../recovery/recovery.ts'
import type { Gate } from '../systems/gate.ts'
import type { RestartVersion } from './restart-version.ts'

/**
 * The key of a finished answer: the question, the facts about the viewer that it depends on, and the epochs of the systems
 * that it reads. Two viewers with equal keys must get equal bytes; a change of a system or of a viewer's rights makes all
 * old keys unreachable. Made anew for every request, so the gate is asked on every hit.
 */
export interface AnswerKeys {
  /** Null: not to be kept, nor shared with anybody. Throws where the viewer no longer has the rights that it was made with. */
  keyFor(question: Question, viewer: Viewer): string | null
}

export interface AnswerKeysOptions {
  readonly recovery: Pick<Recovery, 'current'>
  readonly gate: Pick<Gate, 'confirmViewer' | 'isOpen'>
  readonly restartVersion: RestartVersion
}

/** The key that a question was last given, and what it was made of. */
interface MadeKey {
  readonly question: string
  readonly under: RecoverySnapshot
  readonly partition: string
  readonly own: string
  readonly key: string
}

/** What a plan's answers depend on, worked out once. */
interface Dependence {
  readonly isKept: boolean
  readonly systems: readonly SystemKey[]
  readonly facts: readonly ViewerFact[]
  /** The facts as one word. */
  readonly factsName: string
}

export function createAnswerKeys({ recovery, gate, restartVersion }: AnswerKeysOptions): AnswerKeys {
  const dependences = new WeakMap<Plan, Dependence>()
  const partitions = new WeakMap<Viewer, Map<string, string>>()
  // By the variables, which belong to one question and are the same object each time that it is known again.
  const made = new WeakMap<Variables, MadeKey>()

  function dependenceOf(plan: Plan): Dependence {
    const known = dependences.get(plan)
    if (known !== undefined) return known
    const facts = VIEWER_FACTS.filter(fact => plan.partition.has(fact))
    const made = {
      isKept: plan.maxAgeSeconds !== null && plan.maxAgeSeconds > 0,
      systems: SYSTEM_KEYS.filter(system => plan.systems.has(system)),
      facts,
      factsName: facts.join(),
    }
    dependences.set(plan, made)
    return made
  }

  /** Of fixed length, so that the parts of a key need no separator. */
  function partitionKey(viewer: Viewer, { facts, factsName }: Dependence): string {
    let ofViewer = partitions.get(viewer)
    if (ofViewer === undefined) {
      ofViewer = new Map()
      partitions.set(viewer, ofViewer)
    }
    let key = ofViewer.get(factsName)
    if (key === undefined) {
      key = keyOf(factsName, partitionOf(viewer, facts))
      ofViewer.set(factsName, key)
    }
    return key
  }

  return {
    keyFor(question, viewer) {
      gate.confirmViewer(viewer)
      const { plan, variables, key } = question
      const dependence = dependenceOf(plan)
      if (!dependence.isKept) return null
      // An answer with a closed system in it is an error, and errors are not kept.
      for (const system of dependence.systems) if (!gate.isOpen(system, viewer)) return null
      const under = recovery.current()
      const partition = partitionKey(viewer, dependence)
      const own = plan.readsRestart ? restartVersion() : ''
      const last = made.get(variables)
      // The same text and not one like it, because its hash is worked out by now.
      if (last?.question === key && last.under === under && last.partition === partition && last.own === own)
        return last.key
      const epochKey = dependence.systems
        .map(system => `${under.epochs[system].length}:${under.epochs[system]}`)
        .join('')
      const now = `${key}${partition}${own.length}:${own}${epochKey}`
      made.set(variables, { question: key, under, partition, own, key: now })
      return now
    },
  }
}
