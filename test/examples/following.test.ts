import type { ServerResponse } from 'node:http'
import { describe, expect, test } from '@jest/globals'
import { runExample } from './running.ts'
import { BUSY, type Performed, refused, type Scripted, scriptedGateway } from './scripted-gateway.ts'

/** `examples/curl/follow.sh` before streams that end, fall silent, or are refused. */

const STREAM = '/graphql/stream'
const STANDS: Scripted = { status: 200, body: { data: { restartStatus: { systems: [] } } } }
const EVENT = '{"data":{"restoredSystemChanged":{"key":"PARTS_LOGISTICS"}}}'
const ENDED: Scripted = { status: 401, body: refused('UNAUTHENTICATED') }

const gateway = scriptedGateway()

/** Until it ends by itself, which it does where it is refused. */
async function follow(streams: readonly (Scripted | Performed)[], stands = STANDS) {
  await gateway.script([stands], { [STREAM]: streams })
  const { code, stdout, stderr } = await runExample('examples/curl/follow.sh', [], {
    TOKEN: 'a-token',
    GATEWAY_URL: gateway.url,
    SILENCE_SECONDS: '2',
    PAUSE_SECONDS: '0',
  })
  const asked = gateway.requests.map(({ url }) => (url.startsWith(STREAM) ? 'stream' : 'status'))
  return { code, lines: stdout.trimEnd().split('\n'), stderr, asked }
}

/** Sends one piece after the other, at its time in milliseconds, and says nothing more. */
function streamOf(pieces: Readonly<Record<number, string>>, then?: (response: ServerResponse) => void): Performed {
  return response => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
    const times = Object.keys(pieces).map(Number)
    for (const at of times) setTimeout(() => response.write(pieces[at] ?? ''), at)
    if (then !== undefined) setTimeout(() => then(response), Math.max(...times) + 50)
  }
}
const event = `event: next\ndata: ${EVENT}\n\n`
const stands = JSON.stringify(STANDS.body)

describe('examples/curl/follow.sh', () => {
  test('stays with a stream that says little for longer than its silence, and begins anew where it says nothing', async () => {
    // Below one byte a second, as a stream is in which nothing happens.
    const little = Object.fromEntries([1_400, 2_800].map(at => [at, '\n']))
    const { code, lines, asked } = await follow([streamOf({ 0: ':\n\n', ...little, 3500: event }), ENDED])
    expect([code, lines, asked]).toEqual([22, [stands, EVENT], ['stream', 'status', 'stream']])
  })

  test('asks at each beginning how the restart stands', async () => {
    const ends = streamOf({ 0: ':\n\n', 20: `${event}event: complete\ndata: \n\n` }, response => response.end())
    const breaksOff = streamOf({ 0: ':\n\n' }, response => response.destroy())
    const { code, lines, asked } = await follow([ends, breaksOff, ENDED])
    expect(asked).toEqual(['stream', 'status', 'stream', 'status', 'stream'])
    expect([code, lines]).toEqual([22, [stands, EVENT, stands]])
  })

  test('comes back after what passes, as soon as it may', async () => {
    const { code, stderr, asked } = await follow([BUSY, { ...BUSY, status: 429 }, ENDED])
    expect([code, asked]).toEqual([22, ['stream', 'stream', 'stream']])
    expect(stderr).toMatch(/^503 .*OVERLOADED.*\n429 .*\n401 .*UNAUTHENTICATED.*\n$/)
  })
})
