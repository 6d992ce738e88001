import { Fact } from '../parts/facts.tsx'
import { Instant } from '../parts/time.tsx'
import { durationText } from '../times.ts'
import type { Objectives } from '../view.ts'

/** What was promised for a system's recovery, in the terms of ISO 22301, and what was reached. */
export function ObjectivesOf({ objectives }: { readonly objectives: Objectives }) {
  const { recoveryTimeObjective, recoveryTimeAchieved, recoveryPointObjective, recoveryPointAchieved } = objectives
  const { maximumTolerablePeriodOfDisruption, disruptedAt, restoredAt } = objectives
  return (
    <>
      <Fact name="Recovery time">
        {recoveryTimeAchieved === null ? 'Not restored yet' : `Restored after ${durationText(recoveryTimeAchieved)}`};{' '}
        {durationText(recoveryTimeObjective)} promised, {durationText(maximumTolerablePeriodOfDisruption)} at the very
        most.
        {disruptedAt !== null && (
          <>
            {' '}
            Down since <Instant at={disruptedAt} />
            {restoredAt !== null && (
              <>
                , restored <Instant at={restoredAt} />
              </>
            )}
            .
          </>
        )}
      </Fact>
      <Fact name="Recovery point">
        {recoveryPointAchieved === null ? (
          'Not established yet'
        ) : (
          <>
            Entries up to <Instant at={recoveryPointAchieved} /> survived
          </>
        )}
        ; at most {durationText(recoveryPointObjective)} were to be lost.
      </Fact>
    </>
  )
}
