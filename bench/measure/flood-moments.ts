import type { OpenLoopAnswer } from './open-loop.ts'
import { latenciesOf } from './spread.ts'

/** A flood, second by second, as those see it who ask the same all along. Called by the measurement of memory. */
export interface FloodMoment {
  readonly second: number
  readonly residentBytes: number
  readonly asked: number
  /** Answered from memory. */
  readonly hits: number
  readonly hitPercent: number
  readonly p99Ms: number
}

/**
 * One a second in which somebody was answered. Every question must come again after two seconds or more: an answer from
 * memory is then at least a second old (`Age`, RFC 9111 §5.1), and one that is new has no age.
 */
export function momentsOf(
  answers: readonly OpenLoopAnswer[],
  residentBySecond: readonly number[],
): readonly FloodMoment[] {
  const seconds = Map.groupBy(answers, ({ dueMs }) => Math.floor(dueMs / 1_000))
  return [...seconds]
    .toSorted(([a], [b]) => a - b)
    .map(([second, answers]) => {
      const hits = answers.filter(({ age }) => age !== null && age >= 1).length
      return {
        second,
        residentBytes: residentBySecond[Math.min(second, residentBySecond.length - 1)] ?? 0,
        asked: answers.length,
        hits,
        hitPercent: (hits * 100) / answers.length,
        p99Ms: latenciesOf(answers.map(({ latencyMs }) => latencyMs)).p99,
      }
    })
}
