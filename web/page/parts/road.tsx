import { ROAD, stageOf } from '../words.ts'

/**
 * The way of a system from isolation to normal operation, as the eight steps that it takes, in order. The step where it
 * stands is said in words; a system that was closed again stands on none.
 */
export function Road({ lifecycle, closedFrom }: { readonly lifecycle: string; readonly closedFrom: string | null }) {
  const at = ROAD.indexOf(lifecycle)
  const place = at < 0 ? '' : `Step ${at + 1} of ${ROAD.length}`
  return (
    <div class="road">
      <p class="road-place">
        <strong>{stageOf(lifecycle).name}</strong>
        {place !== '' && <span>{place}</span>}
        {closedFrom !== null && <span>It was: {stageOf(closedFrom).name}</span>}
      </p>
      <ol class="road-steps">
        {ROAD.map((stage, index) => (
          <li key={stage} class={progressOf(index, at)} aria-current={index === at ? 'step' : undefined}>
            <span>{stageOf(stage).name}</span>
          </li>
        ))}
      </ol>
    </div>
  )
}

function progressOf(index: number, at: number): string {
  if (index === at) return 'here'
  return index < at ? 'done' : 'ahead'
}
