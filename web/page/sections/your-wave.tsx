import { Fact, Facts } from '../parts/facts.tsx'
import { Mark } from '../parts/mark.tsx'
import { Instant } from '../parts/time.tsx'
import type { PlannedReopening, RestartStatus, System, SystemKey, Viewer } from '../view.ts'
import { ABILITIES, isAhead, opennessOf, reopeningStatus, stageOf } from '../words.ts'

/**
 * In which wave of the reopening a partner is, and what that means in each system that it works with: open to it, and by
 * which step; or when its turn is planned. Says of no other wave more than that it is not the reader's.
 */
export function YourWave({ viewer, status }: { readonly viewer: Viewer; readonly status: RestartStatus }) {
  const { wave, scopes } = viewer
  const worksWith = new Set(ABILITIES.filter(({ scope }) => scopes.includes(scope)).map(({ system }) => system))
  const systems = status.systems.filter(({ key }) => worksWith.has(key))
  return (
    <div class="your-wave">
      <h3>{wave === null ? 'You are in no wave of the reopening' : `You are in wave ${wave} of the reopening`}</h3>
      <p class="aside">
        {wave === null
          ? 'Each system is open to you once it is open to all partners.'
          : 'Systems open wave by wave, and then to all partners.'}
      </p>
      {systems.length > 0 && (
        <Facts>
          {systems.map(system => (
            <Fact key={system.key} name={system.name}>
              <Standing system={system} viewer={viewer} planned={nextFor(system.key, status)} />
            </Fact>
          ))}
        </Facts>
      )}
    </div>
  )
}

interface StandingProps {
  readonly system: System
  readonly viewer: Viewer
  readonly planned: PlannedReopening | undefined
}

function Standing({ system, viewer, planned }: StandingProps) {
  const openness = opennessOf(system.lifecycle)
  const isOpen = openness === 'open' || system.answersViewer === true
  const mark = openness === 'partly' && !isOpen ? 'closed' : openness
  return (
    <>
      <Mark of={mark} /> <Now system={system} viewer={viewer} />{' '}
      {!isOpen && planned === undefined && 'No date is planned yet.'}
      {openness !== 'open' && planned !== undefined && <Planned planned={planned} />}
    </>
  )
}

function Now({ system, viewer: { wave } }: Pick<StandingProps, 'system' | 'viewer'>) {
  switch (opennessOf(system.lifecycle)) {
    case 'open':
      return (
        <>
          Open to all partners since <Instant at={system.since} />.
        </>
      )
    case 'partly':
      if (system.answersViewer !== true) return <>Not open to you yet.</>
      return (
        <>
          Open to wave {wave}; its latest step was on <Instant at={system.since} />.
        </>
      )
    case 'suspended':
      return (
        <>
          Closed again on <Instant at={system.since} />.
        </>
      )
    default:
      return <>Not open yet: {stageOf(system.lifecycle).name.toLowerCase()}.</>
  }
}

/** What is planned is for the reader's wave, or for all: a partner is told of nothing else. */
function Planned({ planned: { waves, status, scheduledFor, scheduledUntil } }: { readonly planned: PlannedReopening }) {
  return (
    <>
      {reopeningStatus(status)}: the opening to {waves.length === 0 ? 'all partners' : 'your wave'} on{' '}
      <Instant at={scheduledFor} />
      {scheduledUntil !== null && (
        <>
          , until <Instant at={scheduledUntil} />
        </>
      )}
      .
    </>
  )
}

/** The soonest that is ahead. */
function nextFor(key: SystemKey, { plannedReopenings }: RestartStatus): PlannedReopening | undefined {
  return plannedReopenings.find(planned => planned.system === key && isAhead(planned))
}
