/** @jsxImportSource react */
import { GraphiQL } from 'graphiql'
import { type FormEvent, useEffect, useMemo, useRef, useState } from 'react'
import { TokenRefused } from '../page/live/refusals.ts'
import { SAMPLES, type Sample, signInAsSample } from '../page/live/sample-sign-in.ts'
import { keepToken, keptToken } from '../page/live/token.ts'
import { type Caller, callerOf } from './caller.ts'
import { labelEditors } from './editor-labels.ts'
import { type Asked, askQuery, askSubscription } from './fetcher.ts'
import { meant } from './meant.ts'
import { SAMPLE_OPERATIONS } from './samples.ts'

/** GraphiQL over this gateway, with a bar that says who asks. Its token is that of the status page, kept for this tab. */
export function Explorer({ isEmbedded }: { readonly isEmbedded: boolean }) {
  const [token, setToken] = useState(keptToken)
  const [kind, setKind] = useState<Sample>('supplier')
  const [caller, setCaller] = useState<Caller | null>(null)
  const [problem, setProblem] = useState<string | null>(null)

  const [tries, setTries] = useState(1)

  useEffect(() => {
    if (token === null) return
    const leaving = new AbortController()
    const { signal } = leaving
    callerOf({ token, leaving: signal }).then(
      found => {
        if (signal.aborted) return
        setCaller(found)
        setKind(kindOf(found))
        setProblem(null)
      },
      (thrown: Error) => {
        if (signal.aborted) return
        setProblem(
          thrown instanceof TokenRefused ? thrown.message : `The gateway could not be asked: ${thrown.message}`,
        )
        if (!(thrown instanceof TokenRefused)) return
        keepToken(null)
        setToken(null)
      },
    )
    return () => leaving.abort()
  }, [token, tries])

  const take = (given: string | null) => {
    keepToken(given)
    setCaller(null)
    setProblem(null)
    setToken(given)
  }
  const sample = async (name: Sample) => {
    const signedIn = await signInAsSample(name)
    if (signedIn.kind === 'SIGNED_IN') take(signedIn.token)
    else setProblem(signedIn.why)
  }
  const tryAgain = () => {
    setProblem(null)
    setTries(tries + 1)
  }

  return (
    <>
      <header className="bar">
        <div className="bar-name">
          <a href="/">Restart status</a> <span aria-hidden="true">/</span> <h1>Explorer</h1>
        </div>
        <p role="status">{standing(caller, token, problem)}</p>
        {isEmbedded && (
          <p className="bar-samples">
            {SAMPLES.map(name => (
              <button key={name} type="button" onClick={() => void sample(name)}>
                {SAMPLE_OPERATIONS.find(({ caller }) => caller === name)?.label}
              </button>
            ))}
          </p>
        )}
        {token === null ? (
          <TokenForm onToken={take} />
        ) : (
          <>
            {caller === null && problem !== null && (
              <button type="button" onClick={tryAgain}>
                Try again
              </button>
            )}
            <button type="button" onClick={() => take(null)}>
              Sign out
            </button>
          </>
        )}
      </header>
      <main>
        {caller !== null && token !== null && (
          <Workbench key={`${kind} ${token}`} caller={caller} token={token} kind={kind} />
        )}
        {caller === null && <Welcome isEmbedded={isEmbedded} />}
      </main>
    </>
  )
}

function Workbench({
  caller,
  token,
  kind,
}: {
  readonly caller: Caller
  readonly token: string
  readonly kind: Sample
}) {
  const tabs = useMemo(
    () => SAMPLE_OPERATIONS.find(samples => samples.caller === kind)?.queries.map(query => ({ query })) ?? [],
    [kind],
  )
  const storage = useMemo(createMemory, [])
  const asker = { token, leaving: useLeaving() }
  const bench = useRef<HTMLDivElement>(null)
  useEffect(() => (bench.current === null ? undefined : labelEditors(bench.current)), [])
  return (
    <div className="workbench" ref={bench}>
      <GraphiQL
        fetcher={(given: Asked) => {
          const { asked, isSubscription } = meant(given)
          return isSubscription ? askSubscription(asked, asker) : askQuery(asked, asker)
        }}
        schema={caller.schema}
        defaultTabs={tabs}
        defaultQuery=""
        storage={storage}
        isHeadersEditorEnabled={false}
        showPersistHeadersSettings={false}
      />
    </div>
  )
}

/** Aborts when what uses it is taken away: nothing that it asked goes on without it. */
function useLeaving(): AbortSignal {
  const leaving = useRef<AbortController>(null)
  leaving.current ??= new AbortController()
  const { current } = leaving
  useEffect(() => () => current.abort(), [current])
  return current.signal
}

function TokenForm({ onToken }: { readonly onToken: (token: string) => void }) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const given = String(new FormData(event.currentTarget).get('token') ?? '').trim()
    if (given !== '') onToken(given.replace(/^Bearer\s+/i, ''))
  }
  return (
    <form className="bar-token" onSubmit={submit}>
      <label htmlFor="token">Access token</label>
      <input id="token" name="token" type="password" autoComplete="off" required />
      <button type="submit">Sign in</button>
    </form>
  )
}

function Welcome({ isEmbedded }: { readonly isEmbedded: boolean }) {
  return (
    <div className="welcome">
      <h2>Ask the API yourself</h2>
      <p>
        {isEmbedded
          ? 'Choose above who you are: a supplier, a retailer, or the control room. A sample partner signs in, with questions that it may want to ask.'
          : 'Sign in above with an access token of your identity provider. What you may ask is what its scopes allow.'}
      </p>
      <p>
        Documentation and completion are for holders of the scope <code>schema:read</code>. Whatever you ask is answered
        as it is to your own applications, and counts against the same budget.
      </p>
    </div>
  )
}

function standing(caller: Caller | null, token: string | null, problem: string | null): string {
  if (problem !== null) return problem
  if (token === null) return 'Nobody is signed in.'
  if (caller === null) return 'Signing in …'
  if (caller.schema !== null) return caller.partner
  return caller.scopes.includes('schema:read')
    ? `${caller.partner}. The schema could not be read: no documentation here, and no completion.`
    : `${caller.partner}. Without the scope schema:read: no documentation here, and no completion.`
}

/** Whose questions are offered first. */
function kindOf({ scopes }: Caller): Sample {
  if (scopes.includes('evidence:read')) return 'internal'
  return scopes.includes('payments:read') ? 'supplier' : 'retailer'
}

/** What is asked and answered stays in this tab's memory, not in the browser's. */
function createMemory(): Storage {
  const items = new Map<string, string>()
  return {
    get length() {
      return items.size
    },
    clear: () => items.clear(),
    getItem: key => items.get(key) ?? null,
    key: index => [...items.keys()][index] ?? null,
    removeItem: key => void items.delete(key),
    setItem: (key, value) => void items.set(key, value),
  }
}
