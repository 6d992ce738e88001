import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { type PublishedGateway, startPublishedGateway } from '../http/status/published.ts'
import { ALL_SCOPES } from '../support/gateway.ts'
import { describeWith } from '../support/needs.ts'
import { until } from '../support/shared-store.ts'
import { type Violation, violationsOf } from './axe.ts'
import { editorShows, executeQuery, launchBrowser, openPage } from './browser.ts'

/** The explorer in a real browser, before a gateway in this process that signs sample partners in as the embedded default does. */
const CLIENTS: Readonly<Record<string, string>> = { supplier: 'sample-supplier', internal: 'sample-internal' }

describeWith(['chromium'], 'the explorer', () => {
  let gateway: PublishedGateway
  let browser: Browser
  beforeAll(async () => {
    gateway = await startPublishedGateway({ signInAsSample: tokenOf })
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await gateway?.close()
  })

  async function tokenOf(sample: string): Promise<string | null> {
    const clientId = CLIENTS[sample]
    return clientId === undefined ? null : gateway.issuer.sign({ clientId, scopes: ALL_SCOPES, lifetimeSeconds: 3_600 })
  }

  const explore = () => openPage(browser, `${gateway.url}/explorer`)
  const kept = (page: Page) => page.evaluate('sessionStorage.length')
  const said = (page: Page, text: string) => page.locator('.bar').getByRole('status').getByText(text).waitFor()

  /** Streams that the gateway has open. */
  const openStreams = () => {
    const count = (stream: string) => gateway.logged.filter(line => line.stream === stream).length
    return count('BEGAN') - count('ENDED')
  }
  const untilOpenStreams = (count: number) => until(() => openStreams() === count)

  async function subscribe(page: Page): Promise<void> {
    await page.getByRole('button', { name: 'Control room' }).click()
    await editorShows(page, 'restartStatus')
    await page.getByRole('tab', { name: 'WhatHappens' }).click()
    await executeQuery(page, 'restoredSystemChanged')
    await untilOpenStreams(1)
  }

  test('ends a subscription at the gateway when it is stopped, and calls that no failure', async () => {
    const { page, wrong } = await explore()
    await subscribe(page)
    await page.getByRole('button', { name: 'Stop query' }).click()
    await untilOpenStreams(0)
    await page.getByRole('button', { name: 'Execute query' }).waitFor()
    expect(await page.locator('.result-window').textContent()).not.toMatch(/abort|error/i)
    expect(wrong).toEqual([])
    await page.context().close()
  })

  test('ends it when its reader signs out, too', async () => {
    const { page, wrong } = await explore()
    await subscribe(page)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await untilOpenStreams(0)
    await said(page, 'Nobody is signed in.')
    expect(wrong).toEqual([])
    await page.context().close()
  })

  test('keeps the token where the gateway could not be asked, and asks again with it', async () => {
    const { page } = await explore()
    await page.route('**/graphql', route =>
      route.fulfill({ status: 503, json: { errors: [{ message: 'Too much is asked at the moment.' }] } }),
    )
    await page.getByRole('button', { name: 'Supplier' }).click()
    await said(page, 'The gateway could not be asked: Too much is asked at the moment.')
    expect(await kept(page)).toBe(1)
    await page.unroute('**/graphql')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('button', { name: 'Execute query' }).waitFor()
    await said(page, 'Altfeld Pressings Ltd')
    await page.context().close()
  })

  test('drops a token that is refused, with the gateway’s words', async () => {
    const { page } = await explore()
    await page.getByLabel('Access token').fill('no.such.token')
    await page.keyboard.press('Enter')
    await said(page, 'A valid access token for this service is required.')
    expect(await kept(page)).toBe(0)
    await page.getByLabel('Access token').waitFor()
    await page.context().close()
  })

  test('says why a sample partner is not signed in, and so does the status page', async () => {
    const { page } = await explore()
    await page.getByRole('button', { name: 'Retailer' }).click()
    await said(page, 'There is no such sample partner.')
    await page.goto(gateway.url)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('button', { name: 'As a retailer' }).click()
    await page.getByRole('alert').getByText('There is no such sample partner.').waitFor()
    await page.context().close()
  })

  test.each(['light', 'dark'] as const)(
    'has no violation that axe finds but those of GraphiQL, %s',
    async colorScheme => {
      // The policy of the page keeps even the tool out; it is lifted for this test alone.
      const { page } = await openPage(browser, `${gateway.url}/explorer`, { colorScheme, bypassCSP: true })
      await page.getByRole('button', { name: 'Control room' }).waitFor()
      expect(await violationsOf(page)).toEqual([])
      await page.getByRole('button', { name: 'Control room' }).click()
      await executeQuery(page, 'restartStatus')
      await page.locator('.result-window').getByText('"restartStatus"').waitFor()
      await page.getByRole('button', { name: 'Show Documentation Explorer' }).click()
      await page.getByText('What partners may ask of the manufacturer').waitFor()
      const found = await violationsOf(page)
      const known = await Promise.all(found.map(violation => ofGraphiQL(page, violation)))
      expect(found.filter((_, index) => known[index] === undefined)).toEqual([])
      // What it has mended since is to go from the list.
      expect(new Set(known)).toEqual(new Set(OF_GRAPHIQL))
      await page.context().close()
    },
  )
})

/** What GraphiQL itself violates, and nobody can mend from outside. */
const OF_GRAPHIQL = [
  {
    rule: 'nested-interactive',
    selector: 'li.graphiql-tab[role=tab]',
    why: 'Its tabs are list items that hold the button that picks them and the one that closes them.',
  },
  {
    rule: 'scrollable-region-focusable',
    selector: '.CodeMirror > .CodeMirror-scroll',
    why: 'An editor is scrolled from its text field beside the region, which has the focus and a name.',
  },
] as const

async function ofGraphiQL(page: Page, { rule, target }: Violation): Promise<(typeof OF_GRAPHIQL)[number] | undefined> {
  for (const known of OF_GRAPHIQL) {
    const { rule: its, selector } = known
    const isMeant = its === rule && (await page.locator(target).evaluate((one, css) => one.matches(css), selector))
    if (isMeant) return known
  }
  return undefined
}
