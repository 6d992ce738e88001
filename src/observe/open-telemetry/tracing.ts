import { hostname } from 'node:os'
import {
  type Context,
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  AlwaysOffSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { Counters } from '../counters.ts'
import type { Log } from '../log.ts'
import type { Tracing } from '../tracing.ts'
import { VERSION } from '../version.ts'
import { createOutlet } from './outlet.ts'

/**
 * Traces by OpenTelemetry, sent to a collector as OTLP over HTTP. Loaded by the composition root only where a collector is
 * configured; one for a process. Requests, operations, reads and statements say themselves what they do, at borders that are
 * the gateway's own; what goes out by undici is seen by its instrumentation, which listens and patches nothing.
 */
export interface OpenTelemetryOptions {
  /** Base URL of the collector; traces go to `v1/traces` below it. */
  readonly endpoint: string
  /** Part of the traces that are made, from 0 to 1. */
  readonly sampleRatio: number
  /** For the collector: may hold a secret. */
  readonly headers: Readonly<Record<string, string>>
  readonly counters: Pick<Counters, 'count'>
  readonly log: Pick<Log, 'info' | 'warn'>
}

const NAME = 'recovery-gateway'
/** For one batch, attempts anew included. */
const EXPORT_TIMEOUT_MS = 2_000
/** Longest that the end of the process waits for the last spans. */
const CLOSE_MS = 2_000

export function createOpenTelemetry(options: OpenTelemetryOptions): Tracing {
  const { endpoint, sampleRatio, headers, counters, log } = options
  // By chance, and not by the trace's id, which whoever asks may choose.
  const ratio: Sampler = {
    shouldSample: () => ({
      decision: Math.random() < sampleRatio ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD,
    }),
  }
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': NAME,
      'service.version': VERSION,
      'service.instance.id': `${hostname()}:${process.pid}`,
    }),
    // Whether a partner has its own traces made is no reason to make more of ours.
    sampler: new ParentBasedSampler({
      root: ratio,
      remoteParentSampled: ratio,
      remoteParentNotSampled: new AlwaysOffSampler(),
    }),
    // An exception's event would have its message, in which anything may stand.
    spanLimits: { eventCountLimit: 0 },
    spanProcessors: [
      createOutlet({
        counters,
        log,
        exporter: new OTLPTraceExporter({
          url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
          headers: { ...headers },
          timeoutMillis: EXPORT_TIMEOUT_MS,
        }),
      }),
    ],
  })
  const tracer = provider.getTracer(NAME, VERSION)
  context.setGlobalContextManager(new AsyncLocalStorageContextManager())
  // No propagator is set: what is asked of a restored system or an issuer carries no header that it did not have before.
  const undici = new UndiciInstrumentation({ requireParentforSpans: true, startSpanHook: withoutQuestion })
  undici.setTracerProvider(provider)

  async function within<T>(span: Span, work: () => Promise<T>): Promise<T> {
    try {
      return await context.with(trace.setSpan(context.active(), span), work)
    } catch (thrown) {
      span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', kindOf(thrown))
      throw thrown
    } finally {
      span.end()
    }
  }

  return {
    request(request, response, handle, describe) {
      const span = tracer.startSpan('request', { kind: SpanKind.SERVER }, parentIn(request.headers.traceparent))
      if (!span.isRecording()) {
        handle()
        return
      }
      const own = trace.setSpan(ROOT_CONTEXT, span)
      // What a connection tells of its messages, it tells outside of any request.
      context.bind(own, request)
      context.bind(own, response)
      response.once('close', () => {
        const { name, attributes } = describe()
        span.updateName(name).setAttributes({ ...attributes, 'http.response.status_code': response.statusCode })
        if (response.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
        span.end()
      })
      context.with(own, handle)
    },
    span(name, attributes, work) {
      if (!trace.getActiveSpan()?.isRecording()) return work()
      return within(tracer.startSpan(name, { attributes }), work)
    },
    async close() {
      undici.disable()
      const limit = Promise.withResolvers<void>()
      const timer = setTimeout(limit.resolve, CLOSE_MS)
      await Promise.race([provider.shutdown().catch(() => {}), limit.promise])
      clearTimeout(timer)
      context.disable()
    },
  }
}

/** W3C Trace Context, level 2: of `tracestate` and `baggage`, in which anything may stand, nothing is taken. */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/

function parentIn(traceparent: string | readonly string[] | undefined): Context {
  const [, version, traceId = '', spanId = '', flags = ''] = TRACEPARENT.exec(String(traceparent)) ?? []
  const parent = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true }
  const isWhole = version !== '00' || String(traceparent).length === WHOLE_LENGTH
  return isWhole && isSpanContextValid(parent) ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT
}

const WHOLE_LENGTH = '00-0123456789abcdef0123456789abcdef-0123456789abcdef-00'.length

/** Keys and filters that partners wrote stand in the path and the query of what is asked of a service. */
function withoutQuestion({ origin }: { readonly origin: string }) {
  return { 'url.full': origin, 'url.path': '', 'url.query': '' }
}

/** A code or a class of errors, never a message. */
function kindOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'unknown'
  const code = 'code' in thrown ? String(thrown.code) : ''
  return /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? code : thrown.name.slice(0, 60)
}
