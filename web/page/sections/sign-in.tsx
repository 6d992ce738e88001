import type { RefObject } from 'preact'
import { useState } from 'preact/hooks'
import { SAMPLES, type Sample, signInAsSample } from '../live/sample-sign-in.ts'

interface SignInProps {
  readonly dialog: RefObject<HTMLDialogElement | null>
  readonly onToken: (token: string) => void
  /** Whether the gateway signs in sample partners. */
  readonly isEmbedded: boolean
}

const LABELS: Readonly<Record<Sample, string>> = {
  supplier: 'As a supplier',
  retailer: 'As a retailer',
  internal: 'As the control room',
}

/** Takes an access token, or, in the embedded default, gets one of a sample partner. */
export function SignIn({ dialog, onToken, isEmbedded }: SignInProps) {
  const [token, setToken] = useState('')
  const [problem, setProblem] = useState<string | null>(null)

  function done(given: string): void {
    setToken('')
    setProblem(null)
    dialog.current?.close()
    onToken(given)
  }

  async function sample(name: Sample): Promise<void> {
    const signedIn = await signInAsSample(name)
    if (signedIn.kind === 'SIGNED_IN') done(signedIn.token)
    else setProblem(signedIn.why)
  }

  return (
    <dialog ref={dialog} class="sign-in" aria-labelledby="sign-in">
      <h2 id="sign-in">Sign in</h2>
      {isEmbedded && (
        <>
          <p>This gateway is the one for trying out. Read as one of its sample partners:</p>
          <p class="choices">
            {SAMPLES.map(name => (
              <button key={name} type="button" onClick={() => void sample(name)}>
                {LABELS[name]}
              </button>
            ))}
          </p>
        </>
      )}
      <form
        onSubmit={event => {
          event.preventDefault()
          const given = token.trim().replace(/^Bearer\s+/i, '')
          if (given !== '') done(given)
        }}
      >
        <label for="token">{isEmbedded ? 'Or with an access token' : 'Access token'}</label>
        <textarea
          id="token"
          rows={4}
          required
          autocomplete="off"
          spellcheck={false}
          aria-describedby="token-help"
          value={token}
          onInput={event => setToken(event.currentTarget.value)}
        />
        <p id="token-help" class="aside">
          From your identity provider. It is kept in this tab until you close it, and sent to this gateway only.
        </p>
        {problem !== null && <p role="alert">{problem}</p>}
        <p class="choices">
          <button type="submit" class="chief">
            Sign in
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
        </p>
      </form>
    </dialog>
  )
}
