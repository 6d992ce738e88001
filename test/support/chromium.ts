import { existsSync } from 'node:fs'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** A real Chromium: the one that `CHROMIUM` names, or Debian's. Null: this machine has none. */
export function chromiumBinary(): string | null {
  const { CHROMIUM } = process.env
  return [...(CHROMIUM ? [CHROMIUM] : []), ...PLACES].find(existsSync) ?? null
}
