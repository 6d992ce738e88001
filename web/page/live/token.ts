/** The reader's token: kept for this tab, until it is closed, and nowhere else. */

const KEY = 'recovery-gateway.token'

export function keptToken(): string | null {
  try {
    return sessionStorage.getItem(KEY)
  } catch {
    // A browser may keep nothing for anybody.
    return null
  }
}

export function keepToken(token: string | null): void {
  try {
    if (token === null) sessionStorage.removeItem(KEY)
    else sessionStorage.setItem(KEY, token)
  } catch {
    // It is known until the page is left.
  }
}

/** The sample partners of the embedded default. */
export const SAMPLES = ['supplier', 'retailer', 'internal'] as const
export type Sample = (typeof SAMPLES)[number]

/** A token of a sample partner, which only the embedded default gives. */
export async function signInAsSample(sample: Sample): Promise<string> {
  const response = await fetch('/explorer/sign-in', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sample }),
  })
  if (!response.ok) throw new Error(`the gateway answered ${response.status}`)
  return ((await response.json()) as { readonly token: string }).token
}
