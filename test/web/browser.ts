import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { chromiumBinary } from '../support/chromium.ts'

/** A real Chromium, driven by Playwright. */

export async function launchBrowser(): Promise<Browser> {
  const executablePath = chromiumBinary()
  if (executablePath === null) throw new TypeError('there is no Chromium')
  // Continuous integration runs as root in containers, where Chromium's own sandbox cannot.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
}

export const PHONE = { width: 390, height: 844 }
export const DESKTOP = { width: 1280, height: 900 }
export type Who = 'public' | 'supplier' | 'retailer' | 'internal'

const BUTTONS: Readonly<Record<Exclude<Who, 'public'>, string>> = {
  supplier: 'As a supplier',
  retailer: 'As a retailer',
  internal: 'As the control room',
}

/** A page that is open, and what went wrong in it: policy breaches, errors of scripts, requests to anywhere else. */
export interface OpenPage {
  readonly page: Page
  readonly wrong: readonly string[]
}

export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await browser.newContext({
    viewport: DESKTOP,
    timezoneId: 'Europe/London',
    locale: 'en-GB',
    ...options,
  })
  const page = await context.newPage()
  const wrong: string[] = []
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning') wrong.push(message.text())
  })
  page.on('pageerror', error => wrong.push(error.message))
  page.on('request', request => {
    if (new URL(request.url()).origin !== new URL(url).origin) wrong.push(`a request to ${request.url()}`)
  })
  await page.goto(url)
  return { page, wrong }
}

export async function signIn(page: Page, who: Who): Promise<void> {
  if (who === 'public') return
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: BUTTONS[who] }).click()
  await page.getByRole('button', { name: 'Sign out' }).waitFor()
  await page.locator('#for-you, #control-room').waitFor()
  await page.locator('.liveness-live').waitFor()
}

/** In the explorer: a click before there is an editor is lost, on a tab and to execute alike. */
export async function editorShows(page: Page, asked: string): Promise<void> {
  await page.locator('.graphiql-query-editor').getByText(asked).first().waitFor()
}

export async function executeQuery(page: Page, asked: string): Promise<void> {
  await editorShows(page, asked)
  await page.getByRole('button', { name: 'Execute query' }).click()
}
