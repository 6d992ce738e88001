import { BurnDown } from '../parts/burn-down.tsx'
import { Fact, Facts } from '../parts/facts.tsx'
import { Mark } from '../parts/mark.tsx'
import { Road } from '../parts/road.tsx'
import { Instant, Promised } from '../parts/time.tsx'
import type { EvidenceView, Provenance, System, SystemEvidence } from '../view.ts'
import { opennessOf, PURPOSES, stageOf, standingOf } from '../words.ts'
import { EvidenceOf } from './evidence.tsx'
import { ObjectivesOf } from './objectives.tsx'

/** Each restored system: whether it may be relied on, how far it has come, what is missing, and what to do until then. */
export function Systems({
  systems,
  evidence,
}: {
  readonly systems: readonly System[]
  readonly evidence: EvidenceView | null
}) {
  if (systems.length === 0) return null
  return (
    <section aria-labelledby="systems">
      <h2 id="systems">Systems</h2>
      {systems.map(system => (
        <SystemEntry
          key={system.key}
          system={system}
          evidence={evidence?.restartStatus.systems.find(({ key }) => key === system.key) ?? null}
        />
      ))}
    </section>
  )
}

function SystemEntry({ system, evidence }: { readonly system: System; readonly evidence: SystemEvidence | null }) {
  const { key, name, lifecycle, since, nextUpdateBy, provenance, workaround, contact, knownLimitations, objectives } =
    system
  const id = `system-${key.toLowerCase().replaceAll('_', '-')}`
  return (
    <article class="system" aria-labelledby={id}>
      <div class="system-head">
        <h3 id={id}>{name}</h3>
        <p class="aside">{PURPOSES[key]}</p>
        <p class="standing">
          <Mark of={opennessOf(lifecycle)} /> {standingOf(system)}
        </p>
        <p class="aside">
          Since <Instant at={since} form="day" />. {stageOf(lifecycle).meaning}
        </p>
      </div>
      <div class="system-body">
        <Road lifecycle={lifecycle} closedFrom={evidence?.suspension?.from ?? null} />
        <Facts>
          {provenance !== null && <Reliance provenance={provenance} />}
          {workaround !== null && (
            <Fact name={provenance === null ? 'What to do until it opens' : 'Where that is not enough'}>
              {workaround}
            </Fact>
          )}
          {knownLimitations.length > 0 && (
            <Fact name="What does not work yet">
              <ul>
                {knownLimitations.map(limitation => (
                  <li key={limitation}>{limitation}</li>
                ))}
              </ul>
            </Fact>
          )}
          {contact !== null && <Fact name="Whom to ask">{contact}</Fact>}
          {nextUpdateBy !== null && (
            <Fact name="Next update">
              <Promised by={nextUpdateBy} />
            </Fact>
          )}
          {objectives !== null && evidence !== null && <ObjectivesOf objectives={objectives} />}
        </Facts>
        {system.backlog.length > 0 && (
          <div class="backlogs">
            <h4>What piled up</h4>
            <div class="charts">
              {system.backlog.map((backlog, index) => (
                <BurnDown key={backlog.name} backlog={backlog} id={`${id}-backlog-${index}`} />
              ))}
            </div>
          </div>
        )}
        {evidence !== null && <EvidenceOf evidence={evidence} name={name} />}
      </div>
    </article>
  )
}

/** How far what it answers may be relied on. */
function Reliance({ provenance: { asOf, reconciledThrough, gapFrom, gapUntil } }: { readonly provenance: Provenance }) {
  return (
    <>
      <Fact name="Data as of">
        <Instant at={asOf} />
      </Fact>
      {reconciledThrough !== null && (
        <Fact name="Checked and complete up to">
          <Instant at={reconciledThrough} />
        </Fact>
      )}
      {gapFrom !== null && gapUntil !== null && (
        <Fact name="May be missing">
          Entries from <Instant at={gapFrom} /> to <Instant at={gapUntil} />
        </Fact>
      )}
    </>
  )
}
