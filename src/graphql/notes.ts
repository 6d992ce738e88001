import type { RecordedOperations } from '../operations/recorded-operations.ts'
import type { Note } from './planned-operation.ts'

/** Of hits, which are many, one in so many is counted for the warm-up, for as many. */
const HITS_A_COUNT = 8

/** What is remembered of what partners ask: for the dry run of a change, and for the warm-up. */
export interface Notes {
  /** Of what is executed. */
  readonly note: Note
  /** Of what stood ready. */
  readonly noteHit: Note
}

/** @param asked tells the warm-up of a question, and how often it counts; once where that is left out */
export function createNotes(
  recorded: Pick<RecordedOperations, 'note'>,
  asked: (...args: [...Parameters<Note>, times?: number]) => void,
): Notes {
  let hits = 0
  return {
    note(question, viewer) {
      recorded.note(question.plan, viewer)
      asked(question, viewer)
    },
    noteHit(question, viewer) {
      recorded.note(question.plan, viewer)
      if (++hits % HITS_A_COUNT === 0) asked(question, viewer, HITS_A_COUNT)
    },
  }
}
