import type { OtherClock } from '../model/clock.ts'
import { ensureError } from '../model/errors.ts'
import type { Log } from '../observe/log.ts'

/**
 * The clock of this machine against others: what lapses, lapses by it. Called by the self-test. Gives a line for each that
 * is too far off; one that cannot be asked is logged, and not wrong.
 */
export async function clockProblems(
  clocks: readonly OtherClock[],
  allowedSeconds: number,
  log: Pick<Log, 'warn'>,
): Promise<readonly string[]> {
  const problems = await Promise.all(
    clocks.map(async ({ of, offsetMs }) => {
      try {
        const ms = await offsetMs()
        if (Math.abs(ms) <= allowedSeconds * 1_000) return []
        const off = `${Math.round(Math.abs(ms) / 1_000)} s ${ms > 0 ? 'behind' : 'ahead of'}`
        return [
          `the clock of this machine is ${off} that of ${of}; correct it (allowed are ${allowedSeconds} s, selfTest.clockSeconds)`,
        ]
      } catch (thrown) {
        log.warn({ clock: of, error: ensureError(thrown) }, 'a clock cannot be compared with that of this machine')
        return []
      }
    }),
  )
  return problems.flat()
}
