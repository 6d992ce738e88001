import { useEffect, useState } from 'preact/hooks'
import { type Beginning, useStatus } from './live/use-status.ts'
import { type Reader, ReaderContext } from './parts/time.tsx'
import { ControlRoom } from './sections/control-room.tsx'
import { ForYou } from './sections/for-you.tsx'
import { Masthead } from './sections/masthead.tsx'
import { Overview } from './sections/overview.tsx'
import { Reopenings } from './sections/reopenings.tsx'
import { Sites } from './sections/sites.tsx'
import { Systems } from './sections/systems.tsx'
import { Updates } from './sections/updates.tsx'

/** The status page: the same on the server, which renders the public view, and in the browser, which goes on from there. */
export interface AppProps extends Beginning {
  /** Whose page it is. */
  readonly name: string
  /** Whether the gateway signs in sample partners. */
  readonly isEmbedded: boolean
}

export function App({ view: begun, etag, name, isEmbedded }: AppProps) {
  const status = useStatus({ view: begun, etag })
  const reader = useReader()
  const { view, evidence } = status
  const { restartStatus, viewer } = view
  return (
    <ReaderContext.Provider value={reader}>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <Masthead status={status} name={name} isEmbedded={isEmbedded} />
      <main id="content">
        <p class="news" role="status">
          {status.news}
        </p>
        {status.problem !== null && (
          <p class="problem" role="alert">
            {status.problem}
          </p>
        )}
        <Overview status={restartStatus} />
        {viewer !== null && evidence === null && <ForYou viewer={viewer} status={restartStatus} />}
        {viewer !== null && evidence !== null && (
          <ControlRoom viewer={viewer} status={restartStatus} evidence={evidence} />
        )}
        <Systems systems={restartStatus.systems} evidence={evidence} />
        <Reopenings reopenings={restartStatus.plannedReopenings} viewer={viewer} />
        <Sites sites={restartStatus.sites} />
        <Updates updates={restartStatus.updates} />
      </main>
      <footer>
        <p>
          Times are in {reader.timeZone === 'UTC' ? 'UTC' : `your time zone, ${reader.timeZone.replaceAll('_', ' ')}`}.
        </p>
        <p>
          The same for machines: <a href="/api/v2/summary.json">summary</a>, <a href="/feed.atom">feed of updates</a>.{' '}
          <a href="/explorer">Ask the API yourself</a>
        </p>
      </footer>
    </ReaderContext.Provider>
  )
}

const MINUTE_MS = 60_000

/** First what the server took, so that both render the same; then what the browser knows. */
function useReader(): Reader {
  const [reader, setReader] = useState<Reader>({ timeZone: 'UTC', nowMs: null })
  useEffect(() => {
    const look = () => {
      const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
      setReader({ timeZone, nowMs: Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS })
    }
    look()
    const timer = setInterval(look, MINUTE_MS)
    return () => clearInterval(timer)
  }, [])
  return reader
}
