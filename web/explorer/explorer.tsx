/** @jsxImportSource react */
import { GraphiQL } from 'graphiql'
import { type FormEvent, useEffect, useMemo, useState } from 'react'
import { keepToken, keptToken, SAMPLES, type Sample, signInAsSample } from '../page/live/token.ts'
import { type Caller, callerOf } from './caller.ts'
import { type Asked, askQuery, askSubscription } from './fetcher.ts'
import { SAMPLE_OPERATIONS } from './samples.ts'

/** GraphiQL over this gateway, with a bar that says who asks. Its token is that of the status page, kept for this tab. */
export function Explorer({ isEmbedded }: { readonly isEmbedded: boolean }) {
  const [token, setToken] = useState(keptToken)
  const [kind, setKind] = useState<Sample>('supplier')
  const [caller, setCaller] = useState<Caller | null>(null)
  const [problem, setProblem] = useState<string | null>(null)

  useEffect(() => {
    if (token === null) return
    let isOver = false
    callerOf(token).then(
      found => {
        if (isOver) return
        setCaller(found)
        setKind(kindOf(found))
        setProblem(null)
      },
      (thrown: Error) => {
        if (isOver) return
        keepToken(null)
        setToken(null)
        setProblem(thrown.message)
      },
    )
    return () => {
      isOver = true
    }
  }, [token])

  const take = (given: string | null) => {
    keepToken(given)
    setCaller(null)
    setToken(given)
  }
  const sample = (name: Sample) =>
    signInAsSample(name).then(take, () => setProblem('The gateway cannot be reached. Try again in a moment.'))

  return (
    <>
      <header className="bar">
        <p className="bar-name">
          <a href="/">Restart status</a> <span aria-hidden="true">/</span> <strong>Explorer</strong>
        </p>
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
          <button type="button" onClick={() => take(null)}>
            Sign out
          </button>
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
  return (
    <GraphiQL
      fetcher={(asked: Asked) => (isSubscription(asked) ? askSubscription(asked, token) : askQuery(asked, token))}
      schema={caller.schema}
      defaultTabs={tabs}
      defaultQuery=""
      storage={storage}
      isHeadersEditorEnabled={false}
      showPersistHeadersSettings={false}
    />
  )
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
      <h1>Ask the API yourself</h1>
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

function isSubscription({ query, operationName }: Asked): boolean {
  const named = operationName ? `\\s+${operationName}\\b` : ''
  return new RegExp(`^\\s*subscription${named}`, 'm').test(query)
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
