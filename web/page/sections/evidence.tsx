import { Mark } from '../parts/mark.tsx'
import { Instant } from '../parts/time.tsx'
import type { Evidence, SystemEvidence, Transition } from '../view.ts'
import { counted, readable, stageOf } from '../words.ts'

/** What a system's opening rests on: why it is closed, its evidence, and the guards of the last step. For internal readers. */
export function EvidenceOf({ evidence, name }: { readonly evidence: SystemEvidence; readonly name: string }) {
  const { suspension, lastTransition } = evidence
  return (
    <div class="evidence">
      {suspension !== null && (
        <p class="alarm">
          <Mark of="suspended" /> Closed <Instant at={suspension.at} />, {readable(suspension.cause).toLowerCase()}:{' '}
          {suspension.reason}
        </p>
      )}
      {evidence.evidence.length > 0 && <EvidenceTable evidence={evidence.evidence} name={name} />}
      {lastTransition !== null && <LastStep transition={lastTransition} name={name} />}
    </div>
  )
}

function EvidenceTable({ evidence, name }: { readonly evidence: readonly Evidence[]; readonly name: string }) {
  const passed = evidence.filter(({ outcome }) => outcome === 'PASSED').length
  const [firstToExpire] = evidence
    .flatMap(({ outcome, expiresAt }) => (outcome === 'PASSED' && expiresAt !== null ? [expiresAt] : []))
    .toSorted()
  return (
    <details>
      <summary>
        Evidence<span class="unseen"> for {name}</span>: {passed} of {evidence.length} hold
        {firstToExpire !== undefined && (
          <>
            ; the first expires <Instant at={firstToExpire} />
          </>
        )}
      </summary>
      <div class="table-room">
        <table>
          <caption class="unseen">Evidence for {name}</caption>
          <thead>
            <tr>
              <th scope="col">What it shows</th>
              <th scope="col">Outcome</th>
              <th scope="col">Attested</th>
              <th scope="col">By</th>
              <th scope="col">Expires</th>
            </tr>
          </thead>
          <tbody>
            {evidence.map(({ kind, outcome, attestedAt, attestedBy, expiresAt, statementDigest }) => (
              <tr key={kind}>
                <th scope="row">
                  {readable(kind)}
                  {statementDigest !== null && <code title={statementDigest}>{statementDigest.slice(0, 12)}</code>}
                </th>
                <td>
                  <Mark of={outcome === 'PASSED' ? 'open' : outcome === 'MISSING' ? 'closed' : 'suspended'} />{' '}
                  {readable(outcome)}
                </td>
                <td>{attestedAt === null ? '–' : <Instant at={attestedAt} form="short" />}</td>
                <td>{attestedBy === null ? '–' : readable(attestedBy)}</td>
                <td>{expiresAt === null ? '–' : <Instant at={expiresAt} form="short" />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}

function LastStep({ transition, name }: { readonly transition: Transition; readonly name: string }) {
  const { from, to, at, signedBy, guards } = transition
  return (
    <details>
      <summary>
        Last step<span class="unseen"> of {name}</span>: {stageOf(from).name} to {stageOf(to).name}, signed by{' '}
        {signedBy.name}
      </summary>
      <p>
        {readable(signedBy.role)}, <Instant at={at} />. {counted(guards.length, 'guard', 'guards')}
        {guards.length === 0 ? ' had to be passed.' : ':'}
      </p>
      <ul class="guards">
        {guards.map(({ guard, outcome, reason, code }) => (
          <li key={guard}>
            <Mark of={outcome === 'PASSED' ? 'open' : outcome === 'MISSING' ? 'closed' : 'suspended'} />
            <div>
              <strong>{readable(guard)}</strong>: {readable(outcome).toLowerCase()}
              <p>
                {reason}
                {code !== null && <> ({code})</>}
              </p>
            </div>
          </li>
        ))}
      </ul>
    </details>
  )
}
