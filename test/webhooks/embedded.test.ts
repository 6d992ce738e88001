import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type StoryGateway, startStoryGateway } from '../support/story-gateway.ts'
import { type Receiver, SECRET, startReceiver } from './receiver.ts'

/** Webhooks in the embedded default, whose outbox stands beside its journal in this process. */

let directory: string
let receiver: Receiver
let gateway: StoryGateway
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-webhooks-'))
  const secret = join(directory, 'secret')
  await writeFile(secret, SECRET, { mode: 0o600 })
  receiver = await startReceiver()
  const endpoint = { id: 'dms', partner: 'BPNL00000R000121', url: receiver.url, secretFiles: [secret] }
  gateway = await startStoryGateway({ settings: { webhooks: { endpoints: [endpoint] } } })
  await gateway.app.partners.ready()
  await gateway.app.webhooks?.settle()
}, 60_000)
afterAll(async () => {
  await gateway?.close()
  await receiver?.close()
  await rm(directory, { recursive: true, force: true })
})

test('a receiver is told what comes after the story, and nothing of the story', async () => {
  await gateway.submit('COMMUNICATIONS_LEAD', 'restart-update', {
    sub: 'urn:restart-update:one-more',
    published_at: new Date().toISOString(),
    title: 'One more',
    body: 'Of today.',
  })
  while (receiver.requests.length === 0) await setTimeout(10)
  await gateway.app.webhooks?.settle()
  const [request] = receiver.requests
  expect([request?.type, request?.isSigned]).toEqual(['restart.update.published', true])
  expect(request?.data).toEqual({
    id: expect.any(String),
    publishedAt: expect.any(String),
    title: 'One more',
    body: 'Of today.',
    affects: [],
  })
  expect(receiver.requests).toHaveLength(1)
})
