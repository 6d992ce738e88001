import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { RETAILER } from '../support/opening.ts'
import { type StoryGateway, startStoryGateway } from '../support/story-gateway.ts'
import { answering, type Receiver, SECRET, startReceiver, taken } from './receiver.ts'

/** Webhooks in the embedded default, whose outbox stands beside its journal in this process. */

/** So few that the updates of the story alone are more. */
const NEWEST = 3
const PARTNER = 'BPNL00000R000121'

let directory: string
let receiver: Receiver
let gateway: StoryGateway
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-webhooks-'))
  const secret = join(directory, 'secret')
  await writeFile(secret, SECRET, { mode: 0o600 })
  receiver = await startReceiver()
  const endpoint = { id: 'dms', partner: PARTNER, url: receiver.url, secretFiles: [secret] }
  gateway = await startStoryGateway({
    settings: { webhooks: { endpoints: [endpoint], attempts: 1 }, documents: { maxPageSize: NEWEST } },
  })
  await gateway.app.partners.ready()
  await gateway.app.webhooks?.settle()
})
afterAll(async () => {
  await gateway?.close()
  await receiver?.close()
  await rm(directory, { recursive: true, force: true })
})
beforeEach(() => receiver.reset())

const publish = (title: string, claims: Readonly<Record<string, unknown>> = {}) =>
  gateway.submit('COMMUNICATIONS_LEAD', 'restart-update', {
    sub: `urn:restart-update:${title.toLowerCase().replaceAll(' ', '-')}`,
    published_at: new Date().toISOString(),
    title,
    body: 'Of today.',
    ...claims,
  })

/** As soon as so many have come; none is on its way any more. */
async function untilReceived(wanted: number): Promise<readonly string[]> {
  while (receiver.requests.length < wanted) await setTimeout(10)
  await gateway.app.webhooks?.settle()
  return receiver.requests.map(({ data }) => data.title)
}

test('a receiver is told what comes after the story, and nothing of the story', async () => {
  await publish('One more')
  expect(await untilReceived(1)).toEqual(['One more'])
  const [request] = receiver.requests
  expect([request?.type, request?.isSigned]).toEqual(['restart.update.published', true])
  expect(request?.data).toEqual({
    id: expect.any(String),
    publishedAt: expect.any(String),
    title: 'One more',
    body: 'Of today.',
    affects: [],
  })
})

test('an older update that comes into sight because newer ones are not meant for its reader any more is no news', async () => {
  const titles = ['First', 'Second', 'Third', 'Fourth']
  for (const title of titles) await publish(title, { audience: ['RETAILER'] })
  expect((await untilReceived(4)).toSorted()).toEqual(titles.toSorted())
  await gateway.submit('PARTNER_MANAGER', 'partner-grant', {
    sub: `urn:partner:${PARTNER}`,
    action: 'CHANGE',
    partner: { ...RETAILER, roles: ['SUPPLIER'] },
  })
  await publish('For all')
  expect((await untilReceived(5)).slice(4)).toEqual(['For all'])
})

test('an update that waited while newer ones pushed it out of the newest is sent all the same', async () => {
  receiver.answer = answering(503)
  const titles = Array.from({ length: 2 * NEWEST + 2 }, (_, index) => `Number ${index}`)
  for (const title of titles) {
    await publish(title)
    await gateway.app.webhooks?.settle()
  }
  await untilReceived(titles.length)
  receiver.reset()
  receiver.answer = taken
  expect(await gateway.app.webhooks?.retry('dms', null)).toBe(titles.length)
  expect((await untilReceived(0)).toSorted()).toEqual(titles.toSorted())
})
