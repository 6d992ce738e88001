import { TraceFlags } from '@opentelemetry/api'
import { BatchSpanProcessor, type SpanExporter, type SpanProcessor } from '@opentelemetry/sdk-trace'
import type { Counters } from '../counters.ts'
import type { Log } from '../log.ts'

/**
 * The way of finished spans to the collector: in batches, from a queue with a bound. Requests neither wait for it nor fail
 * with it: what a collector that is down or slow does not take is dropped and counted.
 */
export interface OutletOptions {
  readonly exporter: SpanExporter
  readonly counters: Pick<Counters, 'count'>
  readonly log: Pick<Log, 'info' | 'warn'>
  /** Most spans that wait. Default 2,048. */
  readonly maxWaiting?: number
  /** How long the first one of a batch waits for others, in milliseconds. Default 1,000. */
  readonly gatherMs?: number
}

const MAX_BATCH = 512
/** Longer than the exporter's own time limit, which is the one that counts. */
const EXPORT_LIMIT_MS = 10_000
/** `ExportResultCode.SUCCESS` of `@opentelemetry/core`. */
const SUCCESS = 0

export function createOutlet(options: OutletOptions): SpanProcessor {
  const { exporter, counters, log, maxWaiting = 2_048, gatherMs = 1_000 } = options
  let waiting = 0
  let isFailing = false

  function told(isTaken: boolean, spans: number): void {
    counters.count('trace_spans', { outcome: isTaken ? 'exported' : 'failed' }, spans)
    if (isTaken === !isFailing) return
    isFailing = !isTaken
    if (isFailing) log.warn({}, 'the collector of traces takes no spans; they are dropped and counted')
    else log.info({}, 'the collector of traces takes spans again')
  }

  const batches = new BatchSpanProcessor({
    exporter: {
      export(spans, tell) {
        waiting -= spans.length
        exporter.export(spans, result => {
          told(result.code === SUCCESS, spans.length)
          tell(result)
        })
      },
      shutdown: () => exporter.shutdown(),
    },
    maxQueueSize: maxWaiting,
    maxExportBatchSize: Math.min(MAX_BATCH, maxWaiting),
    scheduledDelayMillis: gatherMs,
    exportTimeoutMillis: EXPORT_LIMIT_MS,
  })
  return {
    onStart: () => {},
    onEnd(span) {
      if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return
      if (waiting >= maxWaiting) {
        counters.count('trace_spans', { outcome: 'dropped' })
        return
      }
      waiting += 1
      batches.onEnd(span)
    },
    forceFlush: () => batches.forceFlush(),
    shutdown: () => batches.shutdown(),
  }
}
