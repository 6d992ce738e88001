/**
 * Removes secrets from one text. Called by `scrub` on every string and every message. Pure and total; every pattern is
 * bounded, so that no text makes it slow.
 */

/** Longest text that is read at all; what follows is dropped unread. */
const MAX_READ = 65_536
/** Longest text that is written. Shorter than what is read, so that a secret is not cut before it is recognised. */
const MAX_WRITTEN = 8_192

const REPLACEMENTS: readonly (readonly [RegExp, string])[] = [
  [
    /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|$)/g,
    '[private key]',
  ],
  // A JSON object in base64url begins with `eyJ`: JWS, JWE and their parts, cut or whole.
  [/eyJ[\w-]{8,}(?:\.[\w-]*){0,4}/g, '[token]'],
  // The same where the JSON has a space or line break after its brace.
  [/\be[w-z][\w-]{18,2000}\.[\w-]+\.[\w-]*/g, '[token]'],
  [/\b(Bearer|Basic|DPoP|Digest|Negotiate)\s{1,4}[\w.~+/=-]{4,}/gi, '$1 [redacted]'],
  [/\b([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s"'<>]{1,1000}@/gi, '$1[redacted]@'],
  [/"(d|p|q|dp|dq|qi|k)"(\s{0,4}:\s{0,4})"[\w+/=-]{8,}"/g, '"$1"$2"[redacted]"'],
  // A cookie header has many parts and an authorization header may: nothing of the line is kept.
  [/((?:authorization|cookie)\\?["']?\s{0,4}[=:]\s{0,4})[^\r\n]+/gi, '$1[redacted]'],
  [
    /(passw(?:or)?d|passphrase|pwd|secret|api[_-]?key|(?:access|refresh|id)_token)(\\?["']?\s{0,4}[=:]\s{0,4})(?:"[^"]*"?|'[^']*'?|[^\s,;&"']+)/gi,
    '$1$2[redacted]',
  ],
]

/**
 * JSON leaves these as they are, but terminals and line-based readers act on them: DEL, C1 controls, line separators, and
 * what turns the direction of writing, so that a line reads as another.
 */
const UNSAFE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

export function scrubText(text: string): string {
  const clean = REPLACEMENTS.reduce(
    (read, [secret, replacement]) => read.replace(secret, replacement),
    text.slice(0, MAX_READ).replace(UNSAFE, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`),
  )
  return clean.length > MAX_WRITTEN || text.length > MAX_READ ? `${clean.slice(0, MAX_WRITTEN)}[cut]` : clean
}
