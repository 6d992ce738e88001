import { Instant, Promised } from '../parts/time.tsx'
import type { RestartStatus } from '../view.ts'
import { counted, opennessOf, PHASES, phaseOf } from '../words.ts'

/** The restart at a glance: what an executive reads and leaves. */
export function Overview({ status }: { readonly status: RestartStatus }) {
  const { headline, phase, systems, incidentReference, updatedAt, nextUpdateBy } = status
  return (
    <div class="overview">
      <h1>{headline ?? summaryOf(status)}</h1>
      {headline !== null && systems.length > 0 && <p class="lead">{summaryOf(status)}</p>}
      {phase !== null && <Phases current={phase} />}
      <ul class="dateline">
        {nextUpdateBy !== null && (
          <li>
            <strong>
              <Promised by={nextUpdateBy} before="Next update" />
            </strong>
          </li>
        )}
        {updatedAt !== null && (
          <li>
            Last changed <Instant at={updatedAt} />
          </li>
        )}
        {incidentReference !== null && <li>Quote {incidentReference} when you write to us</li>}
      </ul>
    </div>
  )
}

function summaryOf({ systems }: RestartStatus): string {
  if (systems.length === 0) return 'Nothing has been published yet.'
  const count = (openness: string) => systems.filter(({ lifecycle }) => opennessOf(lifecycle) === openness).length
  const parts = [
    [count('open'), 'open'],
    [count('partly'), 'open to some partners'],
    [count('suspended'), 'closed again'],
    [count('closed'), 'not open yet'],
  ] as const
  const said = parts.filter(([number]) => number > 0).map(([number, words]) => `${number} ${words}`)
  return `Of ${counted(systems.length, 'system', 'systems')}: ${said.join(', ')}.`
}

function Phases({ current }: { readonly current: string }) {
  const at = PHASES.indexOf(current)
  return (
    <div class="phases">
      <ol>
        {PHASES.map((phase, index) => (
          <li
            key={phase}
            class={index < at ? 'done' : index === at ? 'here' : 'ahead'}
            aria-current={index === at ? 'step' : undefined}
          >
            <span class="phase-number">{index + 1}</span> {phaseOf(phase).name}
          </li>
        ))}
      </ol>
      <p>{phaseOf(current).meaning}</p>
    </div>
  )
}
