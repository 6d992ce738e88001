import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { trace } from '@opentelemetry/api'
import { createCounters } from '../../src/observe/counters.ts'
import { createOpenTelemetry } from '../../src/observe/open-telemetry/tracing.ts'
import type { Tracing } from '../../src/observe/tracing.ts'

/** Which requests are traced, whatever they say of themselves. */

const REQUESTS = 1_000
const tracings: Tracing[] = []
afterEach(async () => {
  for (const tracing of tracings.splice(0)) await tracing.close()
})

/** Of so many requests that name their trace, how many are traced. */
function traced(sampleRatio: number, traceparent: (n: string) => string): number {
  const tracing = createOpenTelemetry({
    endpoint: 'http://127.0.0.1:1',
    sampleRatio,
    headers: {},
    counters: createCounters(),
    log: { info() {}, warn() {} },
  })
  tracings.push(tracing)
  let count = 0
  for (let n = 1; n <= REQUESTS; n++) {
    const request = new IncomingMessage(new Socket())
    request.headers.traceparent = traceparent(n.toString(16).padStart(8, '0'))
    const noteTraced = () => {
      if (trace.getActiveSpan()?.isRecording()) count++
    }
    tracing.request(request, new ServerResponse(request), noteTraced, () => ({ name: 'request', attributes: {} }))
  }
  return count
}

const PARENT = 'b7ad6b7169203331'

test.each([
  ['low', (n: string) => `00-${'0'.repeat(24)}${n}-${PARENT}-01`],
  ['high', (n: string) => `00-${'f'.repeat(24)}${n}-${PARENT}-01`],
  ['low at its beginning', (n: string) => `00-${'0'.repeat(8)}${n}${'f'.repeat(16)}-${PARENT}-01`],
  ['low at its end', (n: string) => `00-${'f'.repeat(8)}${n}${'0'.repeat(16)}-${PARENT}-01`],
])('a client that chooses ids that are %s does not have more of its requests traced', (_, traceparent) => {
  // Ten are to be expected; more than fifty do not come by chance.
  expect(traced(0.01, traceparent)).toBeLessThan(50)
})

test('of all that are to be traced, those are left out whose client says so', () => {
  expect(traced(1, n => `00-${'a'.repeat(24)}${n}-${PARENT}-01`)).toBe(REQUESTS)
  expect(traced(1, n => `00-${'a'.repeat(24)}${n}-${PARENT}-00`)).toBe(0)
})
