import { Fact, Facts } from '../parts/facts.tsx'
import { Mark } from '../parts/mark.tsx'
import { Instant } from '../parts/time.tsx'
import type { EvidenceView, Intrusion, RestartStatus, System, SystemEvidence, Viewer } from '../view.ts'
import { opennessOf, readable, stageOf } from '../words.ts'

interface ControlRoomProps {
  readonly viewer: Viewer
  readonly status: RestartStatus
  readonly evidence: EvidenceView
}

/** What an operator looks for first: what is closed and why, which evidence ends next, and what forensics has established. */
export function ControlRoom({ viewer, status, evidence: { restartStatus } }: ControlRoomProps) {
  const { systems, intrusion } = restartStatus
  return (
    <section aria-labelledby="control-room">
      <h2 id="control-room">{viewer.partner.name}</h2>
      <Facts>
        {status.systems.map(system => (
          <Fact key={system.key} name={system.name}>
            <Standing system={system} evidence={systems.find(({ key }) => key === system.key)} />
          </Fact>
        ))}
        <Fact name="The intrusion">
          {intrusion === null ? 'Nothing is established yet.' : <Began intrusion={intrusion} />}
        </Fact>
      </Facts>
    </section>
  )
}

function Standing({ system, evidence }: { readonly system: System; readonly evidence: SystemEvidence | undefined }) {
  const all = evidence?.evidence ?? []
  const held = all.filter(({ outcome }) => outcome === 'PASSED')
  const [ends] = held.flatMap(({ expiresAt }) => expiresAt ?? []).toSorted()
  return (
    <>
      <Mark of={opennessOf(system.lifecycle)} /> {stageOf(system.lifecycle).name}
      {evidence?.suspension != null && `: ${readable(evidence.suspension.cause).toLowerCase()}`}. {held.length} of{' '}
      {all.length} pieces of evidence hold
      {ends !== undefined && (
        <>
          , the first until <Instant at={ends} />
        </>
      )}
      .
    </>
  )
}

function Began({
  intrusion: { earliestIntrusionAt, confidence, revision, statedAt },
}: {
  readonly intrusion: Intrusion
}) {
  return (
    <>
      Began at the earliest <Instant at={earliestIntrusionAt} />, in revision {revision} of{' '}
      <Instant at={statedAt} form="day" />. Confidence: {readable(confidence).toLowerCase()}. Backups must be older;
      where this moves, systems close by themselves.
    </>
  )
}
