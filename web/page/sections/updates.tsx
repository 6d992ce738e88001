import { Instant } from '../parts/time.tsx'
import type { RestartStatus } from '../view.ts'
import { SYSTEM_NAMES } from '../words.ts'

/** What was published, newest first. */
export function Updates({ updates }: { readonly updates: RestartStatus['updates'] }) {
  if (updates !== null && updates.edges.length === 0) return null
  return (
    <section aria-labelledby="updates">
      <h2 id="updates">Updates</h2>
      {updates === null && <p>The updates cannot be shown just now.</p>}
      <ol class="timeline">
        {updates?.edges.map(({ node: { id, publishedAt, title, body, affects } }) => (
          <li key={id} id={id}>
            <p class="timeline-date">
              <Instant at={publishedAt} />
            </p>
            <div>
              <h3>{title}</h3>
              <p class="prose">{body}</p>
              {affects.length > 0 && <p class="aside">About {affects.map(key => SYSTEM_NAMES[key]).join(', ')}</p>}
            </div>
          </li>
        ))}
      </ol>
    </section>
  )
}
