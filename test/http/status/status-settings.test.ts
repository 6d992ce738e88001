import { afterEach, expect, test } from '@jest/globals'
import { DOCUMENT_PATHS, type PublishedGateway, startPublishedGateway } from './published.ts'

let gateway: PublishedGateway | undefined
afterEach(() => gateway?.close())

test('where there is no page, its paths are as unknown as any other', async () => {
  gateway = await startPublishedGateway({ settings: { statusPage: { enabled: 'false' } } })
  for (const path of [...DOCUMENT_PATHS, '/status/events']) {
    const answer = await gateway.get(path)
    expect([path, answer.status, (await answer.json()).errors[0].extensions.code]).toEqual([path, 404, 'NOT_FOUND'])
  }
})

test('its name and its address are those that are configured, whatever host is asked', async () => {
  const statusPage = { name: 'Example Motors', url: 'https://status.example/restart/' }
  gateway = await startPublishedGateway({ settings: { statusPage } })
  const { page } = await (await gateway.get('/api/v2/summary.json')).json()
  expect(page).toMatchObject({ name: 'Example Motors', url: 'https://status.example/restart' })
  const feed = await (await gateway.get('/feed.atom')).text()
  expect(feed).toContain('<name>Example Motors</name>')
  expect(feed).toContain('href="https://status.example/restart/feed.atom"')
})
