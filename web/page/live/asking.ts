import STATUS_EVIDENCE from '../../status-evidence.graphql?raw'
import STATUS_PAGE from '../../status-page.graphql?raw'
import type { EvidenceView, StatusView } from '../view.ts'

/** Asks the gateway for what the page shows: the public view, or what the reader's token allows. */
export interface Answer {
  readonly view: StatusView
  /** Null: the reader does not hold `evidence:read`. */
  readonly evidence: EvidenceView | null
  /** Tag of the public view; null: not the public's. */
  readonly etag: string | null
}

/** The token is not, or no longer, accepted; or it does not allow to read the restart. */
export class TokenRefused extends Error {}

export async function askPublic(signal: AbortSignal): Promise<Answer> {
  const response = await fetch('/status/view', { headers: { accept: 'application/json' }, signal })
  if (!response.ok) throw new Error(`the gateway answered ${response.status}`)
  return { view: (await response.json()) as StatusView, evidence: null, etag: response.headers.get('etag') }
}

export async function askAs(token: string, signal: AbortSignal): Promise<Answer> {
  const view = await askGraph<StatusView>(STATUS_PAGE, token, signal)
  const readsEvidence = view.viewer?.scopes.includes('evidence:read') ?? false
  const evidence = readsEvidence ? await askGraph<EvidenceView>(STATUS_EVIDENCE, token, signal) : null
  return { view, evidence, etag: null }
}

interface GraphAnswer<T> {
  readonly data?: T | null
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[]
}

/** An answer with an error in a part of it is still an answer. */
async function askGraph<T>(query: string, token: string, signal: AbortSignal): Promise<T> {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
    signal,
  })
  const { data, errors } = (await response.json()) as GraphAnswer<T>
  if (data != null) return data
  const [error] = errors ?? []
  if (response.status === 401 || response.status === 403) throw new TokenRefused(error?.message ?? '')
  throw new Error(error?.message ?? `the gateway answered ${response.status}`)
}
