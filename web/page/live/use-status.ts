import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { EvidenceView, StatusView } from '../view.ts'
import { type Answer, askAs, askPublic } from './asking.ts'
import { createCatchUp } from './catch-up.ts'
import { followEvents } from './events.ts'
import { newsBetween } from './news.ts'
import { TokenRefused } from './refusals.ts'
import { keepToken, keptToken } from './token.ts'

/** The state of an open page: what it shows, how it stands with the gateway, and who reads. */
export interface Status {
  readonly view: StatusView
  readonly evidence: EvidenceView | null
  readonly connection: Connection
  /** Unix milliseconds: the gateway was last heard of. */
  readonly heardMs: number | null
  /** What changed last, in words; empty: nothing yet. */
  readonly news: string
  /** Why the reader is signed out, or the view could not be had; null: all is well. */
  readonly problem: string | null
  signIn(token: string): void
  signOut(): void
}

/**
 * UNKNOWN: before the first word of the gateway, or without JavaScript. ASKING: no stream says when there is something new,
 * and the page asks from time to time.
 */
export type Connection = 'UNKNOWN' | 'LIVE' | 'ASKING' | 'LOST'

/** What the page was made of by the gateway. */
export interface Beginning {
  readonly view: StatusView
  readonly etag: string
}

const REFUSED = 'The gateway does not accept this token, or no longer. This is what everybody may see.'

export function useStatus(beginning: Beginning): Status {
  const [shown, setShown] = useState<Pick<Status, 'view' | 'evidence'>>({ view: beginning.view, evidence: null })
  const [token, setToken] = useState<string | null>(null)
  const [isReady, setReady] = useState(false)
  const [connection, setConnection] = useState<Connection>('UNKNOWN')
  const [heardMs, setHeardMs] = useState<number | null>(null)
  const [news, setNews] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const latest = useRef(shown)
  const publicBeginning = useRef(shown)
  const publicTag = useRef<string | null>(beginning.etag)

  const signOut = useCallback((why: string | null = null) => {
    keepToken(null)
    publicTag.current = null
    // At once, whether or not the gateway can be asked for what is public now.
    latest.current = publicBeginning.current
    setShown(latest.current)
    setProblem(why)
    setToken(null)
  }, [])

  // What this tab has kept is known to the browser alone, so the first render is the public's, as the gateway made it.
  useEffect(() => {
    setToken(keptToken())
    setReady(true)
  }, [])

  useEffect(() => {
    if (!isReady) return
    const leaving = new AbortController()
    const { signal } = leaving
    const catchUp = createCatchUp({
      isBehind: token !== null || publicTag.current === null,
      async ask(patience) {
        const until = AbortSignal.any([signal, patience])
        try {
          const answer = token === null ? await askPublic(publicTag.current, until) : await askAs(token, until)
          if (!signal.aborted) show(answer)
        } catch (thrown) {
          if (thrown instanceof TokenRefused && token !== null) refused()
          throw thrown
        }
      },
      onConnection: setConnection,
    })

    function refused(): void {
      if (signal.aborted) return
      // Nothing more is asked with it, nor said of it.
      catchUp.stop()
      signOut(REFUSED)
    }

    /** Null: what is shown is what there is. */
    function show(answer: Answer | null): void {
      setHeardMs(Date.now())
      if (answer === null) return
      publicTag.current = answer.etag
      const isSameReader = (latest.current.view.viewer === null) === (answer.view.viewer === null)
      const said = isSameReader ? newsBetween(latest.current.view, answer.view) : ''
      latest.current = answer
      setShown(answer)
      if (said !== '') setNews(said)
      if (token !== null) setProblem(null)
    }

    const stop = followEvents({
      token,
      onEvent({ name, data }) {
        if (name === 'view' && data === publicTag.current) catchUp.current()
        else if (name === 'view' || name === 'changed') catchUp.news()
        if (catchUp.isLive()) setHeardMs(Date.now())
      },
      onBegun: catchUp.begun,
      onAlive() {
        if (catchUp.isLive()) setHeardMs(Date.now())
      },
      onLost: catchUp.lost,
      onRefused: refused,
    })
    return () => {
      stop()
      catchUp.stop()
      leaving.abort()
    }
  }, [isReady, token, signOut])

  const signIn = useCallback((given: string) => {
    keepToken(given)
    setProblem(null)
    setToken(given)
  }, [])
  return { ...shown, connection, heardMs, news, problem, signIn, signOut: () => signOut() }
}
