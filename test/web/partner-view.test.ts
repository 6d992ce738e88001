import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import type { PlannedReopening } from '../../src/recovery/state.ts'
import { type PublishedGateway, startPublishedGateway } from '../http/status/published.ts'
import { ALL_SCOPES } from '../support/gateway.ts'
import { describeWith } from '../support/needs.ts'
import { launchBrowser, openPage } from './browser.ts'

/** What a partner finds of its own wave on the page, before a gateway in this process whose registry and plans are declared. */
const SUPPLIER = 'sample-supplier'
const SINCE = '2025-10-08T06:00:00.000Z'

describeWith(['chromium'], 'the wave of a partner', () => {
  let gateway: PublishedGateway
  let browser: Browser
  beforeAll(async () => {
    gateway = await startPublishedGateway({
      signInAsSample: async sample =>
        gateway.issuer.sign({ clientId: `sample-${sample}`, scopes: ALL_SCOPES, lifetimeSeconds: 600 }),
    })
    browser = await launchBrowser()
    const { state } = gateway.recovery.current()
    const { WHOLESALE_FINANCE, PRODUCTION_SCHEDULE } = state.systems
    gateway.recovery.declare({
      ...state,
      systems: {
        ...state.systems,
        WHOLESALE_FINANCE: { ...WHOLESALE_FINANCE, lifecycle: 'LIMITED_OPEN', waves: [2, 7], since: SINCE },
        PRODUCTION_SCHEDULE: { ...PRODUCTION_SCHEDULE, lifecycle: 'LIMITED_OPEN', waves: [7], since: SINCE },
      },
      plannedReopenings: [
        planned('schedule-seventh', { waves: [7], status: 'COMPLETED' }),
        planned('schedule-second', { waves: [2, 8], scheduledFor: '2025-10-09T06:00:00.000Z' }),
        planned('finance-all', { system: 'WHOLESALE_FINANCE', scheduledFor: '2025-10-11T06:00:00.000Z' }),
        planned('finance-eighth', { system: 'WHOLESALE_FINANCE', waves: [8] }),
      ],
    })
  })
  afterAll(async () => {
    await browser?.close()
    await gateway?.close()
  })

  function planned(id: string, change: Partial<PlannedReopening>): PlannedReopening {
    return {
      id,
      system: 'PRODUCTION_SCHEDULE',
      bpns: null,
      waves: [],
      scheduledFor: '2025-10-10T06:00:00.000Z',
      scheduledUntil: null,
      status: 'SCHEDULED',
      conditions: 'Two attestations.',
      recordedAt: '2025-10-07T08:00:00.000Z',
      ...change,
    }
  }

  async function openIn(wave: number | null): Promise<Page> {
    const partners = [...gateway.recovery.current().state.partners.values()].map(({ entry }) => entry)
    const own = partners.find(({ clients }) => clients.includes(SUPPLIER))
    gateway.grant(own?.bpnl ?? '', { wave })
    const { page } = await openPage(browser, gateway.url, { timezoneId: 'UTC' })
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('button', { name: 'As a supplier' }).click()
    await page.locator('.your-wave').waitFor()
    return page
  }
  const factsOf = (page: Page) => page.locator('.your-wave dd').allTextContents()

  test('is named, with what is open to it by which step, and what is planned for it', async () => {
    const page = await openIn(2)
    expect(await page.locator('.your-wave h3').textContent()).toBe('You are in wave 2 of the reopening')
    const facts = await factsOf(page)
    expect(facts.map(text => text.trim())).toEqual(
      expect.arrayContaining([
        'Open to wave 2; its latest step was on 8 October 2025, 06:00 UTC. Planned: the opening to all partners on 11 October 2025, 06:00 UTC.',
        'Not open to you yet. Planned: the opening to your wave on 9 October 2025, 06:00 UTC.',
      ]),
    )
    const headings = await page.locator('section[aria-labelledby=planned] h3').allTextContents()
    expect(headings).toEqual(['Production schedule, for your wave', 'Wholesale finance'])
    // Of the seventh and the eighth, which are named in the same plans and steps, there is not a word.
    const text = (await page.locator('main').textContent()) ?? ''
    const named = [...text.matchAll(/waves? (\d+(?:, \d+)*)/g)].map(([, numbers]) => numbers)
    expect(new Set(named)).toEqual(new Set(['2']))
    await page.context().close()
  })

  test('that is none is said to be none', async () => {
    const page = await openIn(null)
    expect(await page.locator('.your-wave h3').textContent()).toBe('You are in no wave of the reopening')
    expect((await factsOf(page)).map(text => text.trim())).toEqual(
      expect.arrayContaining([
        'Not open to you yet. Planned: the opening to all partners on 11 October 2025, 06:00 UTC.',
        'Not open to you yet. No date is planned yet.',
      ]),
    )
    await page.context().close()
  })
})
