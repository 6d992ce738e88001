import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { runCommand } from '../../src/commands/command-line.ts'
import { signSampleToken } from '../../src/commands/sample-token.ts'
import { createRecordedIo } from '../commands/recorded-io.ts'
import { describeWith } from '../support/needs.ts'
import { type StoryGateway, startStoryGateway } from '../support/story-gateway.ts'
import { violationsOf } from './axe.ts'
import { DESKTOP, executeQuery, launchBrowser, openPage, PHONE, signIn, type Who } from './browser.ts'

/**
 * The status page as its readers meet it: a real browser before a gateway in this process that holds the story of the embedded
 * default and signs its sample partners in, and an operator who signs statements meanwhile. How the page stays current is tried
 * in `live-page.test.ts`.
 */
const TWO_SECONDS = 2_000
const HOUR_SECONDS = 3_600
const LOOKS = [
  ['light', DESKTOP],
  ['light', PHONE],
  ['dark', DESKTOP],
  ['dark', PHONE],
] as const

describeWith(['chromium'], 'the status page', () => {
  let gateway: StoryGateway
  let directory: string
  let url: string
  let admin: string
  let browser: Browser
  beforeAll(async () => {
    gateway = await startStoryGateway({
      signInAsSample: async sample =>
        sample === 'retailer' || sample === 'supplier' || sample === 'internal'
          ? signSampleToken(gateway.config, directory, { sample, lifetimeSeconds: HOUR_SECONDS })
          : null,
    })
    directory = gateway.config.embedded?.directory ?? ''
    url = await gateway.app.partners.listen({ host: '127.0.0.1', port: 0 })
    admin = await gateway.app.admin.listen({ host: '127.0.0.1', port: 0 })
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await gateway?.close()
  })

  async function operate(...args: readonly string[]) {
    const io = createRecordedIo({ ADMIN_URL: admin })
    const code = await runCommand([...args, '--config', join(directory, 'config.yaml')], io)
    return { code, ...io.written }
  }

  test.each<Who>(['public', 'supplier', 'internal'])('has no violation that axe finds, as read by %s', async who => {
    // The policy of the page keeps even the tool out; it is lifted for this test alone.
    const { page } = await openPage(browser, url, { bypassCSP: true })
    await signIn(page, who)
    await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true')
    expect(await page.locator('details[open]').count()).toBe(who === 'internal' ? 12 : 6)
    for (const [colorScheme, viewport] of LOOKS) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize(viewport)
      expect([who, colorScheme, viewport, await violationsOf(page)]).toEqual([who, colorScheme, viewport, []])
    }
    await page.context().close()
  })

  test('tells each reader what is theirs, and asks nobody but its own host', async () => {
    const { page, wrong } = await openPage(browser, url)
    await page.locator('.liveness-live').waitFor()
    expect(await page.locator('.for-you, .evidence').count()).toBe(0)

    await signIn(page, 'supplier')
    const today = page.locator('.abilities').first()
    await expectText(page, '.your-wave h3', 'You are in wave 1 of the reopening')
    await expectText(page, 'h2', 'For Altfeld Pressings Ltd')
    expect(await today.textContent()).toContain('See your invoices, and when they are paid')
    expect(await page.locator('.waiting').textContent()).toMatch(
      /Overdue supplier invoices to pay: 517 open.*13 October 2025/,
    )
    expect(await page.locator('.evidence').count()).toBe(0)

    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    expect(await page.locator('.for-you').count()).toBe(0)

    await signIn(page, 'internal')
    await page.getByText('Evidence for Parts logistics: 10 of 10 hold').waitFor()
    await page.getByText('Last step of Production schedule: Quarantined to Verified').waitFor()
    expect(wrong).toEqual([])
    await page.context().close()
  })

  test('keeps the token in the tab, and drops one that is refused', async () => {
    const { page } = await openPage(browser, url)
    await signIn(page, 'retailer')
    await page.reload()
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
    expect(await page.evaluate('localStorage.length + document.cookie.length')).toBe(0)

    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByLabel('Or with an access token').fill('no.such.token')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByText('does not accept this token').waitFor()
    expect(await page.evaluate('sessionStorage.length')).toBe(0)
    await page.context().close()
  })

  test('has the core facts without JavaScript, in UTC', async () => {
    const { page, wrong } = await openPage(browser, url, { javaScriptEnabled: false })
    const text = await page.locator('main').textContent()
    for (const fact of [
      'Parts logistics',
      'Open to a first group',
      '8 October 2025, 05:30 UTC',
      'Nitra',
      'Step 5 of 8',
    ])
      expect(text).toContain(fact)
    expect(await page.locator('svg.chart').count()).toBe(6)
    expect(await page.getByRole('button').count()).toBe(0)
    expect(wrong).toEqual([])
    await page.context().close()
  })

  test('names the zone of its times', async () => {
    const { page } = await openPage(browser, url, { timezoneId: 'Europe/Bratislava' })
    await page.getByText('Times are in your time zone, Europe/Bratislava').waitFor()
    expect(await page.locator('time[datetime="2025-10-08T05:30:00.000Z"]').first().textContent()).toMatch(
      /^8 October 2025, 07:30 (CEST|GMT\+2)$/,
    )
    await page.context().close()
  })

  test('is used by keyboard alone', async () => {
    const { page } = await openPage(browser, url)
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe('Skip to the content')
    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe('Sign in')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    expect(await focused(page)).toBe('Sign in')
    await page.keyboard.press('Tab')
    expect(await focused(page)).toContain('Figures')
    await page.keyboard.press('Enter')
    expect(await page.locator('details[open]').count()).toBe(1)
    await page.context().close()
  })

  test('fits a phone without scrolling sideways', async () => {
    const { page } = await openPage(browser, url, { viewport: { width: 320, height: 640 } })
    await signIn(page, 'internal')
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    await page.context().close()
  })

  test('has an explorer beside it, where a sample partner asks after one click', async () => {
    const { page, wrong } = await openPage(browser, `${url}/explorer`)
    await page.getByRole('button', { name: 'Supplier' }).click()
    await page.getByText('Without the scope schema:read').waitFor()
    await executeQuery(page, 'supplierPosition')
    await page.locator('.result-window').getByText('"supplierPosition"').waitFor()

    await page.getByRole('button', { name: 'Control room' }).click()
    await page.getByRole('status').getByText('Restart control room').waitFor()
    await page.getByRole('button', { name: 'Show Documentation Explorer' }).click()
    await page.getByText('What partners may ask of the manufacturer').waitFor()
    expect(wrong).toEqual([])
    await page.context().close()
  })

  test('shows a step within two seconds of its signing, without a reload, and says so', async () => {
    const [reader, partner] = await Promise.all([openPage(browser, url), openPage(browser, url)])
    await reader.page.locator('.liveness-live').waitFor()
    await signIn(partner.page, 'supplier')
    await partner.page.evaluate('globalThis.isSame = true')
    // The longest that chance can make either wait before it asks.
    for (const { page } of [reader, partner]) await page.evaluate('Math.random = () => 0.999')
    const open = ['open', 'production-schedule', '--wave', '1', '--facts', 'demo/opening.yaml', '--yes']
    const finished = await operate('system', ...open)
    expect([finished.code, finished.stderr]).toEqual([0, expect.stringContaining('LIMITED_OPEN')])
    await partner.page.locator('.news').getByText('Production schedule: open to you').waitFor({ timeout: TWO_SECONDS })
    await reader.page
      .locator('.news')
      .getByText('Production schedule: open to a first group')
      .waitFor({ timeout: TWO_SECONDS })
    expect(await partner.page.locator('.abilities').first().textContent()).toContain('See what the plants need of you')
    expect(await partner.page.evaluate('globalThis.isSame')).toBe(true)
    await reader.page.context().close()
    await partner.page.context().close()
  })
})

const focused = (page: Page): Promise<string | null> => page.locator(':focus').textContent()

async function expectText(page: Page, selector: string, text: string): Promise<void> {
  await page.locator(selector).getByText(text).waitFor()
}
