import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { type PublishedGateway, startPublishedGateway } from '../http/status/published.ts'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts'
import { describeWith } from '../support/needs.ts'
import { until } from '../support/shared-store.ts'
import { launchBrowser, openPage } from './browser.ts'

/**
 * How the page of a reader stays current in a real browser, whose clock is put forward, before a gateway in this process that
 * has room for one stream of the public.
 */
const MINUTE_MS = 60_000

describeWith(['chromium'], 'an open status page', () => {
  let browser: Browser
  let gateway: PublishedGateway
  let network: FaultProxy
  let url: string
  let aheadMs = 0
  beforeAll(async () => {
    gateway = await startPublishedGateway({
      clock: { now: () => Date.now() + aheadMs },
      settings: { statusPage: { publicStreams: 1 } },
    })
    network = await startFaultProxy({ host: '127.0.0.1', port: Number(new URL(gateway.url).port) })
    url = `http://127.0.0.1:${network.port}`
    browser = await launchBrowser()
  })
  // The next test finds room for its stream.
  afterEach(async () => {
    await Promise.all(browser.contexts().map(context => context.close()))
    await until(() => openStreams() === 0)
  })
  afterAll(async () => {
    await browser?.close()
    await network?.close()
    await gateway?.close()
  })

  /** With a clock that goes on by itself, and can be put forward. */
  async function open(): Promise<Page> {
    const { page } = await openPage(browser, 'about:blank')
    await page.clock.install()
    await page.goto(url)
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
  const openStreams = () => {
    const count = (stream: string) => gateway.logged.filter(line => line.stream === stream).length
    return count('BEGAN') - count('ENDED')
  }
  const liveness = (page: Page) => page.locator('.liveness').textContent()
  const requestsTo = (page: Page, path: string) => {
    const requests: string[] = []
    page.on('request', request => {
      if (request.url().endsWith(path)) requests.push(path)
    })
    return requests
  }

  test('that is refused a stream asks from time to time, and says so', async () => {
    const other = await gateway.get('/status/events')
    const page = await open()
    await page.clock.runFor(1_000)
    await page.locator('.liveness-asking').waitFor()
    expect(await liveness(page)).toMatch(/^As of \d\d:\d\d (BST|GMT); asks again every 30 seconds$/)
    declare('Asked for, not told.')
    await runUntil(page, 'text=Asked for, not told.')
    expect(await page.locator('.liveness-live').count()).toBe(0)
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    await other.body?.cancel()
  })

  test('has its stream as soon as there is room, when the gateway has said to come back', async () => {
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
  })

  test('asks again where it was refused what is new, without another event', async () => {
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
  })

  test('says that the connection is lost, since when, and is live again by itself', async () => {
    const page = await open()
    await page.locator('.liveness-live').waitFor()
    await network.lay('refuse')
    await page.locator('.liveness-lost').waitFor()
    expect(await liveness(page)).toMatch(/^Connection lost\. As of \d\d:\d\d \w+; trying again\.$/)
    await network.lay(null)
    await runUntil(page, '.liveness-live')
    expect(await liveness(page)).toBe('Live')
  })

  // The last one: its gateway is a quarter of an hour ahead from then on.
  test('is live again a moment after its stream has ended for its age', async () => {
    const page = await open()
    await page.locator('.liveness-live').waitFor()
    const streams = requestsTo(page, '/status/events')
    const logged = gateway.logged.length
    aheadMs = 15 * MINUTE_MS + 1_000
    declare('Told by the next stream.')
    await page.getByText('Told by the next stream.').waitFor()
    await page.locator('.liveness-live').waitFor()
    expect(streams).toEqual(['/status/events'])
    const ended = gateway.logged.slice(logged).filter(({ why }) => why !== undefined)
    expect(ended).toMatchObject([{ stream: 'ENDED', why: 'TOO_OLD' }])
  })
})
