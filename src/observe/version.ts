import { readFileSync } from 'node:fs'

const PACKAGE = new URL('../../package.json', import.meta.url)
const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { readonly version: string }

/** Of the gateway, for whoever watches it. */
export const VERSION = version
