import type { CommandEntries } from '../command-group.ts'
import { runDead } from './dead.ts'
import { runList } from './list.ts'
import { runRetry } from './retry.ts'
import { runTest } from './test.ts'

/** `webhook …`: how the news that are sent to partners fare. */
export const WEBHOOK_VERBS: CommandEntries = new Map([
  ['list', { form: 'webhook list', does: 'show how webhooks fare, by endpoint', run: runList }],
  ['dead', { form: 'webhook dead [--long]', does: 'show the webhooks that were given up', run: runDead }],
  ['retry', { form: 'webhook retry ENDPOINT [--id ID]', does: 'try what was given up there again', run: runRetry }],
  ['test', { form: 'webhook test ENDPOINT', does: 'send a test to an endpoint', run: runTest }],
])
