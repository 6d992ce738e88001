import { EventEmitter } from 'node:events'
import { expect, test } from '@jest/globals'
import { createSessions } from '../../src/connectors/postgres/sessions.ts'

/** A driver's connection to a server of some version, which says what it was sent. */
function connectionTo(version: number) {
  const sent: string[] = []
  const connection = new EventEmitter()
  const query = async (text: string) => {
    sent.push(text)
    return { rows: [{ version }] }
  }
  return { sent, connection, query: query as never }
}

async function begun(version: number) {
  const client = connectionTo(version)
  const sessions = createSessions('SET all')
  await sessions.begin(client)
  sessions.watch(client)
  client.sent.length = 0
  return { client, sessions }
}

test('a session of a server that reports what changes is told nothing twice, and has changed once it says so', async () => {
  const { client, sessions } = await begun(140_000)
  await sessions.renew(client)
  expect(client.sent).toEqual([])
  expect(sessions.hasChanged(client)).toBe(false)
  client.connection.emit('parameterStatus', { parameterName: 'default_transaction_read_only', parameterValue: 'off' })
  expect(sessions.hasChanged(client)).toBe(true)
})

test('a session of an older server, which reports nothing, is told again before each statement', async () => {
  const { client, sessions } = await begun(130_021)
  await sessions.renew(client)
  await sessions.renew(client)
  expect(client.sent).toEqual(['SET all', 'SET all'])
})
