/**
 * What every answer tells a browser, should one meet it (OWASP REST Security Cheat Sheet): that its form is not to be
 * guessed, that nothing of it may be run or framed, and that this host is asked through TLS alone, which counts only where
 * it came through TLS (RFC 6797 §8.1).
 */
export const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'strict-transport-security': 'max-age=31536000',
} as const

/** The same as names and values in turn, for answers that are written past the framework. */
export const SECURITY_FIELDS: readonly string[] = Object.entries(SECURITY_HEADERS).flat()
