import { CalendarDate, Instant } from '../parts/time.tsx'
import type { PlannedReopening } from '../view.ts'
import { reopeningStatus, SYSTEM_NAMES } from '../words.ts'

/** What is planned to open, when, to whom, and under which conditions; what is done stands at the end. */
export function Reopenings({ reopenings }: { readonly reopenings: readonly PlannedReopening[] }) {
  if (reopenings.length === 0) return null
  const isAhead = ({ status }: PlannedReopening) => status !== 'COMPLETED' && status !== 'WITHDRAWN'
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
                {planned.waves.length > 0 && `, for wave ${planned.waves.join(', ')}`}
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
