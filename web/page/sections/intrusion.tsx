import { Fact, Facts } from '../parts/facts.tsx'
import { Instant } from '../parts/time.tsx'
import type { Intrusion } from '../view.ts'
import { readable } from '../words.ts'

/** What forensics has established, for internal readers. */
export function IntrusionOf({ intrusion }: { readonly intrusion: Intrusion }) {
  return (
    <section aria-labelledby="intrusion">
      <h2 id="intrusion">The intrusion</h2>
      <p>Every backup that was restored must be older than this. Where it moves, systems close by themselves.</p>
      <Facts>
        <Fact name="Began at the earliest">
          <Instant at={intrusion.earliestIntrusionAt} />
        </Fact>
        <Fact name="Confidence">{readable(intrusion.confidence)}</Fact>
        <Fact name="Stated">
          <Instant at={intrusion.statedAt} />, revision {intrusion.revision}
        </Fact>
      </Facts>
    </section>
  )
}
