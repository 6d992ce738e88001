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
