import { answerIn } from './graph-answer.ts'

/** Signs in as a sample partner, which only the embedded default offers. */

export const SAMPLES = ['supplier', 'retailer', 'internal'] as const
export type Sample = (typeof SAMPLES)[number]

/** A token, or why there is none, in words for the reader. */
export type SampleSignIn =
  | { readonly kind: 'SIGNED_IN'; readonly token: string }
  | { readonly kind: 'NOT_SIGNED_IN'; readonly why: string }

export async function signInAsSample(sample: Sample): Promise<SampleSignIn> {
  try {
    const response = await fetch('/explorer/sign-in', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ sample }),
    })
    if (!response.ok) return { kind: 'NOT_SIGNED_IN', why: await refusalOf(response) }
    const { token } = (await response.json()) as { readonly token: string }
    return { kind: 'SIGNED_IN', token }
  } catch {
    return { kind: 'NOT_SIGNED_IN', why: 'The gateway cannot be reached. Try again in a moment.' }
  }
}

/** The gateway's own words, where it is the gateway that answers. */
async function refusalOf(response: Response): Promise<string> {
  const { errors } = await answerIn(response)
  return errors?.[0]?.message ?? `The gateway answered with status ${response.status}. Try again in a moment.`
}
