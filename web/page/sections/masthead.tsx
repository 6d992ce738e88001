import { useContext, useRef } from 'preact/hooks'
import type { Status } from '../live/use-status.ts'
import { ASK_SECONDS } from '../live/waits.ts'
import { ReaderContext } from '../parts/time.tsx'
import { clockText } from '../times.ts'
import { SignIn } from './sign-in.tsx'

/** Whose page it is, whether it is current, and who reads. */
export function Masthead({
  status,
  name,
  isEmbedded,
}: {
  readonly status: Status
  readonly name: string
  readonly isEmbedded: boolean
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const { viewer } = status.view
  const isReady = status.connection !== 'UNKNOWN'
  return (
    <header class="masthead">
      <p class="masthead-name">{name}</p>
      <Liveness status={status} />
      <nav class="masthead-reader" aria-label="Reader">
        {viewer !== null && <span class="masthead-partner">{viewer.partner.name}</span>}
        {isReady && viewer !== null && (
          <button type="button" onClick={status.signOut}>
            Sign out
          </button>
        )}
        {isReady && viewer === null && (
          <button type="button" onClick={() => dialog.current?.showModal()}>
            Sign in
          </button>
        )}
      </nav>
      <SignIn dialog={dialog} onToken={status.signIn} isEmbedded={isEmbedded} />
    </header>
  )
}

/** Never says that it is current when it cannot know. What changes by the minute is not read out each time. */
function Liveness({ status: { connection, heardMs } }: { readonly status: Status }) {
  const { timeZone } = useContext(ReaderContext)
  const asOf = heardMs === null ? '' : `As of ${clockText(heardMs, timeZone)}`
  return (
    <p class={`liveness liveness-${connection.toLowerCase()}`}>
      {connection === 'ASKING' && asOf !== '' && `${asOf}; `}
      <span role="status">
        {connection === 'LIVE' && 'Live'}
        {connection === 'ASKING' && `asks again every ${ASK_SECONDS} seconds`}
        {connection === 'LOST' && (
          <>
            <strong>Connection lost.</strong> {asOf === '' ? 'This may be old' : asOf}; trying again.
          </>
        )}
      </span>
    </p>
  )
}
