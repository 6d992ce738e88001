import { CalendarDate, Instant } from '../parts/time.tsx'
import type { PlannedReopening, Viewer } from '../view.ts'
import { isAhead, reopeningStatus, SYSTEM_NAMES } from '../words.ts'

/** What is planned to open, when, to whom, and under which conditions; what is done stands at the end. */
export function Reopenings({
  reopenings,
  viewer,
}: {
  readonly reopenings: readonly PlannedReopening[]
  readonly viewer: Viewer | null
}) {
  if (reopenings.length === 0) return null
  const ordered = [...reopenings.filter(isAhead), ...reopenings.filter(planned => !isAhead(planned))]
  return (
    <section aria-labelledby="planned">
      <h2 id="planned">Planned reopenings</h2>
      <ol class="ledger">
        {ordered.map(planned => (
          <li key={planned.id} class={isAhead(planned) ? undefined : 'past'}>
            <p class="ledger-date">
              <CalendarDate on={planned.scheduledFor.slice(0, 10)} form="short" />
              <span>{reopeningStatus(planned.status)}</span>
            </p>
            <div>
              <h3>
                {planned.system === null ? planned.site?.name : SYSTEM_NAMES[planned.system]}
                {forWhom(planned, viewer)}
              </h3>
              <p>
                <Instant at={planned.scheduledFor} />
                {planned.scheduledUntil !== null && (
                  <>
                    {' '}
                    to <Instant at={planned.scheduledUntil} />
                  </>
                )}
              </p>
              <p>{isAhead(planned) ? `On condition: ${planned.conditions}` : planned.conditions}</p>
            </div>
          </li>
        ))}
      </ol>
    </section>
  )
}

/** A partner is told of what is for its own wave; which others that is for, too, is the business of those who work inside. */
function forWhom({ waves }: PlannedReopening, viewer: Viewer | null): string {
  if (waves.length === 0) return ''
  return viewer?.partner.roles.includes('INTERNAL') ? `, for wave ${waves.join(', ')}` : ', for your wave'
}
