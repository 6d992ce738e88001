import type { Openness } from '../words.ts'

/**
 * How open something is, as a shape: full, half, empty, crossed. It stands beside words that say the same, so it is hidden
 * from screen readers.
 */
export function Mark({ of }: { readonly of: Openness }) {
  return (
    <svg class={`mark mark-${of}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <circle cx="8" cy="8" r="6.25" />
      {of === 'open' && <circle class="mark-fill" cx="8" cy="8" r="6.25" />}
      {of === 'partly' && <path class="mark-fill" d="M8 1.75a6.25 6.25 0 0 1 0 12.5z" />}
      {of === 'suspended' && <path class="mark-line" d="M4.5 4.5l7 7m0-7l-7 7" />}
    </svg>
  )
}
