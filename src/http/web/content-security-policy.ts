/**
 * What the pages may do in a browser (CSP Level 3): nothing but run and show the files of this host, and talk to it. What
 * stands in a page as data is no script, and needs no leave.
 */

const COMMON = {
  'default-src': "'none'",
  'script-src': "'self'",
  'img-src': "'self'",
  'connect-src': "'self'",
  // Forms are read by scripts, and sent nowhere.
  'form-action': "'none'",
  'base-uri': "'none'",
  'frame-ancestors': "'none'",
}

export const PAGE_POLICY = policy({
  ...COMMON,
  'style-src': "'self'",
  // No string ever becomes markup.
  'require-trusted-types-for': "'script'",
})

/**
 * The libraries under the explorer's editors make style elements as they go, which the nonce lets them, and bring their fonts
 * within their style sheet.
 */
export function explorerPolicy(nonce: string): string {
  return policy({ ...COMMON, 'style-src': `'self' 'nonce-${nonce}'`, 'font-src': 'data:' })
}

function policy(directives: Readonly<Record<string, string>>): string {
  return Object.entries(directives)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ')
}
