import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { type PublishedGateway, startPublishedGateway } from '../http/status/published.ts'
import { describeWith } from '../support/needs.ts'
import { launchBrowser, openPage } from './browser.ts'

/** How the page of a reader stays current in a real browser, whose clock is put forward, before a gateway in this process. */
const MINUTE_MS = 60_000

describeWith(['chromium'], 'an open status page', () => {
  let browser: Browser
  let gateway: PublishedGateway
  let aheadMs = 0
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterEach(() => gateway?.close())
  afterAll(() => browser?.close())

  async function start(publicStreams: number): Promise<void> {
    aheadMs = 0
    gateway = await startPublishedGateway({
      clock: { now: () => Date.now() + aheadMs },
      settings: { statusPage: { publicStreams } },
    })
  }

  /** With a clock that goes on by itself, and can be put forward. */
  async function open(): Promise<Page> {
    const { page } = await openPage(browser, 'about:blank')
    await page.clock.install()
    await page.goto(gateway.url)
    return page
  }

  /** Puts its clock forward step by step, between which what it has asked for can come. */
  async function runUntil(page: Page, selector: string): Promise<void> {
    for (let step = 0; step < 40 && (await page.locator(selector).count()) === 0; step++) {
      await page.clock.runFor(4_000)
      await new Promise(resolve => setTimeout(resolve, 100))
    }
    await page.locator(selector).waitFor()
  }

  const declare = (headline: string) =>
    gateway.recovery.declare({ ...gateway.recovery.current().state, headline, updatedAt: new Date().toISOString() })
  const liveness = (page: Page) => page.locator('.liveness').textContent()
  const requestsTo = (page: Page, path: string) => {
    const requests: string[] = []
    page.on('request', request => {
      if (request.url().endsWith(path)) requests.push(path)
    })
    return requests
  }

  test('that is refused a stream asks from time to time, and says so', async () => {
    await start(0)
    const page = await open()
    await page.clock.runFor(1_000)
    await page.locator('.liveness-asking').waitFor()
    expect(await liveness(page)).toMatch(/^As of \d\d:\d\d (BST|GMT); asks again every 30 seconds$/)
    declare('Asked for, not told.')
    await runUntil(page, 'text=Asked for, not told.')
    expect(await page.locator('.liveness-live').count()).toBe(0)
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    await page.context().close()
  })

  test('has its stream as soon as there is room, when the gateway has said to come back', async () => {
    await start(1)
    const first = await open()
    await first.locator('.liveness-live').waitFor()
    const second = await open()
    await second.clock.runFor(1_000)
    await second.locator('.liveness-asking').waitFor()
    await first.context().close()
    const streams = requestsTo(second, '/status/events')
    await second.clock.runFor(15_000)
    expect(streams).toEqual([])
    await runUntil(second, '.liveness-live')
    await second.context().close()
  })

  test('asks again where it was refused what is new, without another event', async () => {
    await start(10)
    const page = await open()
    await page.locator('.liveness-live').waitFor()
    await page.route('**/status/view', route => route.fulfill({ status: 503, headers: { 'retry-after': '5' } }), {
      times: 1,
    })
    declare('Had at the second time.')
    await page.locator('.liveness-lost').waitFor()
    await page.clock.runFor(8_000)
    // Before the stream's next beat, which comes by the gateway's own clock.
    await page.getByText('Had at the second time.').waitFor({ timeout: 6_000 })
    await page.locator('.liveness-live').waitFor()
    await page.context().close()
  })

  test('is live again a moment after its stream has ended for its age', async () => {
    await start(10)
    const page = await open()
    await page.locator('.liveness-live').waitFor()
    const streams = requestsTo(page, '/status/events')
    aheadMs = 15 * MINUTE_MS + 1_000
    declare('Told by the next stream.')
    await page.getByText('Told by the next stream.').waitFor()
    await page.locator('.liveness-live').waitFor()
    expect(streams).toEqual(['/status/events'])
    expect(gateway.logged.filter(({ why }) => why !== undefined)).toMatchObject([{ stream: 'ENDED', why: 'TOO_OLD' }])
    await page.context().close()
  })
})
