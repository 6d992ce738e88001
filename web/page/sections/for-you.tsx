import { Mark } from '../parts/mark.tsx'
import { CalendarDate, Instant } from '../parts/time.tsx'
import type { RestartStatus, System, Viewer } from '../view.ts'
import { ABILITIES, type Ability, isAhead, numeral, readable, SYSTEM_NAMES, stageOf } from '../words.ts'
import { YourWave } from './your-wave.tsx'

/** What the partner who reads may do today, and when the rest is planned. */
export function ForYou({ viewer, status }: { readonly viewer: Viewer; readonly status: RestartStatus }) {
  const abilities = ABILITIES.filter(({ scope }) => viewer.scopes.includes(scope))
  const isToday = ({ system }: Ability) => viewer.openSystems.includes(system)
  const today = abilities.filter(isToday)
  const later = abilities.filter(ability => !isToday(ability))
  return (
    <section class="for-you" aria-labelledby="for-you">
      <h2 id="for-you">For {viewer.partner.name}</h2>
      <p class="aside">{viewer.partner.roles.map(readable).join(', ')}</p>
      <YourWave viewer={viewer} status={status} />
      <div class="columns">
        <div>
          <h3>What you may do today</h3>
          {today.length === 0 && <p>Nothing yet. What is planned stands beside this.</p>}
          <ul class="abilities">
            {today.map(ability => (
              <Today key={ability.does} ability={ability} status={status} />
            ))}
          </ul>
        </div>
        <div>
          <h3>Not yet</h3>
          {later.length === 0 && <p>Everything that you work with is open to you.</p>}
          <ul class="abilities">
            {later.map(ability => (
              <Later key={ability.does} ability={ability} status={status} />
            ))}
          </ul>
        </div>
      </div>
      <Backlogs viewer={viewer} status={status} />
    </section>
  )
}

/** What the partner waits for, as far as it works with a system that has a date for it. */
function Backlogs({ viewer, status }: { readonly viewer: Viewer; readonly status: RestartStatus }) {
  const keys = new Set(ABILITIES.filter(({ scope }) => viewer.scopes.includes(scope)).map(({ system }) => system))
  const backlogs = status.systems.filter(({ key }) => keys.has(key)).flatMap(({ backlog }) => backlog)
  if (backlogs.length === 0) return null
  return (
    <>
      <h3 class="waiting-title">When what piled up is expected to be done</h3>
      <ul class="waiting">
        {backlogs.map(({ name, open, estimatedClearDate }) => (
          <li key={name}>
            <span>
              {name}: {numeral(open)} open
            </span>
            <span>{estimatedClearDate === null ? 'No date yet' : <CalendarDate on={estimatedClearDate} />}</span>
          </li>
        ))}
      </ul>
    </>
  )
}

function Today({ ability, status }: { readonly ability: Ability; readonly status: RestartStatus }) {
  const provenance = systemOf(status, ability)?.provenance ?? null
  return (
    <li>
      <Mark of="open" />
      <div>
        <strong>{ability.does}</strong>
        {provenance !== null && (
          <p>
            As of <Instant at={provenance.asOf} />
            {provenance.gapFrom !== null && provenance.gapUntil !== null && (
              <>
                ; what happened from <Instant at={provenance.gapFrom} form="day" /> to{' '}
                <Instant at={provenance.gapUntil} form="day" /> may be missing
              </>
            )}
            .
          </p>
        )}
      </div>
    </li>
  )
}

function Later({ ability, status }: { readonly ability: Ability; readonly status: RestartStatus }) {
  const system = systemOf(status, ability)
  const planned = status.plannedReopenings.find(planned => planned.system === ability.system && isAhead(planned))
  return (
    <li>
      <Mark of={system?.lifecycle === 'SUSPENDED' ? 'suspended' : 'closed'} />
      <div>
        <strong>{ability.does}</strong>
        <p>
          {SYSTEM_NAMES[ability.system]}: {stageOf(system?.lifecycle ?? '').name.toLowerCase()}.{' '}
          {planned ? (
            <>
              Planned to open to you on <Instant at={planned.scheduledFor} />.
            </>
          ) : (
            'No date is planned yet.'
          )}
        </p>
        {system?.workaround != null && <p>Until then: {system.workaround}</p>}
      </div>
    </li>
  )
}

function systemOf({ systems }: RestartStatus, { system: wanted }: Ability): System | undefined {
  return systems.find(({ key }) => key === wanted)
}
