import { spawnSync } from 'node:child_process'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { DESKTOP, executeQuery, launchBrowser, openPage, PHONE, signIn, type Who } from './browser.ts'
import { servePages } from './served-pages.ts'

/**
 * `npm run screenshots`: the pages of the embedded default as they are, into `docs/screenshots/`, for the documentation and
 * for whoever changes them to look at. Needs Chromium; where `pngquant` is, the pictures get small.
 */
const DIRECTORY = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url))
const READERS: readonly Who[] = ['public', 'supplier', 'internal']
const SCHEMES = ['light', 'dark'] as const
const VIEWPORTS = { phone: PHONE, desktop: DESKTOP } as const
/** A page is much longer than it is of use to print. */
const MAX_HEIGHT = { phone: 2_400, desktop: 1_800 } as const

async function shootPages(browser: Browser, url: string): Promise<void> {
  for (const who of READERS) {
    for (const colorScheme of SCHEMES) {
      for (const device of ['phone', 'desktop'] as const) {
        const { page } = await openPage(browser, url, { viewport: VIEWPORTS[device], colorScheme })
        await page.locator('.liveness-live').waitFor()
        await signIn(page, who)
        const { width } = VIEWPORTS[device]
        const clip = { x: 0, y: 0, width, height: MAX_HEIGHT[device] }
        const path = join(DIRECTORY, `page-${who}-${device}-${colorScheme}.png`)
        await page.screenshot({ path, fullPage: true, clip })
        await page.context().close()
      }
    }
  }
}

async function shootExplorer(browser: Browser, url: string): Promise<void> {
  const { page } = await openPage(browser, `${url}/explorer`)
  await page.getByRole('button', { name: 'Supplier' }).click()
  await executeQuery(page, 'supplierPosition')
  await page.locator('.result-window').getByText('"supplierPosition"').waitFor()
  await page.screenshot({ path: join(DIRECTORY, 'explorer.png') })
  await page.context().close()
}

/** To 64 colours: the pages have few. */
async function quantise(): Promise<void> {
  const { error } = spawnSync('pngquant', ['--force', '--ext', '.png', '64', ...(await pictures())])
  if (error) process.stderr.write('pngquant is not here: the pictures stay as large as they are\n')
}

async function pictures(): Promise<readonly string[]> {
  return (await readdir(DIRECTORY)).map(name => join(DIRECTORY, name))
}

await mkdir(DIRECTORY, { recursive: true })
const served = await servePages()
const browser = await launchBrowser()
try {
  await shootPages(browser, served.url)
  await shootExplorer(browser, served.url)
  await quantise()
} finally {
  await browser.close()
  await served.remove()
}
