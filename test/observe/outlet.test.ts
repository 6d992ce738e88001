import { afterEach, expect, test } from '@jest/globals'
import { type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace'
import { createCounters } from '../../src/observe/counters.ts'
import { createOutlet } from '../../src/observe/open-telemetry/outlet.ts'

/** What becomes of spans whose collector does not do its part. */

type Tell = Parameters<SpanExporter['export']>[1]

let provider: TracerProvider | undefined
let untold: Tell[] = []
afterEach(async () => {
  const ended = provider?.shutdown().catch(() => {})
  // What hung would be waited for.
  for (const tell of untold) tell({ code: 0 })
  untold = []
  await ended
})

function outletTo(exporter: Pick<SpanExporter, 'export'>, maxWaiting: number) {
  const counters = createCounters()
  const logged: string[] = []
  const note = (_: unknown, message: string) => void logged.push(message)
  const outlet = createOutlet({
    exporter: { ...exporter, shutdown: async () => {} },
    counters,
    log: { info: note, warn: note },
    maxWaiting,
    gatherMs: 1,
  })
  provider = new TracerProvider({ spanProcessors: [outlet] })
  const tracer = provider.getTracer('test')
  return {
    logged,
    end: (spans: number) => {
      for (let index = 0; index < spans; index++) tracer.startSpan('one').end()
    },
    flush: () => outlet.forceFlush().catch(() => {}),
    counted: () => Object.fromEntries(counters.snapshot().map(({ labels, value }) => [labels.outcome, value])),
  }
}

test('of a collector that hangs, the queue fills to its bound and every further span is dropped and counted', () => {
  const { end, counted } = outletTo({ export: (_, tell) => void untold.push(tell) }, 10)
  // The first ten are handed on as a batch, and ten more wait behind it.
  end(1_000)
  expect(counted()).toEqual({ dropped: 980 })
})

test('a span that comes back from the collector as failed is counted, and it is said once until spans are taken again', async () => {
  let isDown = true
  const exporter = { export: (_: unknown, tell: Tell) => tell({ code: isDown ? 1 : 0 }) }
  const { logged, end, flush, counted } = outletTo(exporter, 10)
  for (let round = 0; round < 3; round++) {
    end(2)
    await flush()
  }
  isDown = false
  end(4)
  await flush()
  expect(counted()).toEqual({ failed: 6, exported: 4 })
  expect(logged).toEqual([
    'the collector of traces takes no spans; they are dropped and counted',
    'the collector of traces takes spans again',
  ])
})
