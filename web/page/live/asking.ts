import STATUS_EVIDENCE from '../../status-evidence.graphql?raw'
import STATUS_PAGE from '../../status-page.graphql?raw'
import type { EvidenceView, StatusView } from '../view.ts'
import { dataIn } from './graph-answer.ts'
import { refusalOf } from './refusals.ts'

/** Asks the gateway for what the page shows: the public view, or what the reader's token allows. */
export interface Answer {
  readonly view: StatusView
  /** Null: the reader does not hold `evidence:read`. */
  readonly evidence: EvidenceView | null
  /** Tag of the public view; null: not the public's. */
  readonly etag: string | null
}

/**
 * Null: it is what is known by this tag already.
 * @param known null: nothing is
 */
export async function askPublic(known: string | null, signal: AbortSignal): Promise<Answer | null> {
  const response = await fetch('/status/view', {
    headers: { accept: 'application/json', ...(known !== null && { 'if-none-match': known }) },
    signal,
  })
  const { ok, status, headers } = response
  if (status === 304) return null
  if (!ok) throw refusalOf(response)
  return { view: (await response.json()) as StatusView, evidence: null, etag: headers.get('etag') }
}

export async function askAs(token: string, signal: AbortSignal): Promise<Answer> {
  const view = await askGraph<StatusView>(STATUS_PAGE, token, signal)
  const readsEvidence = view.viewer?.scopes.includes('evidence:read') ?? false
  const evidence = readsEvidence ? await askGraph<EvidenceView>(STATUS_EVIDENCE, token, signal) : null
  return { view, evidence, etag: null }
}

async function askGraph<T>(query: string, token: string, signal: AbortSignal): Promise<T> {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
    signal,
  })
  return dataIn(response)
}
