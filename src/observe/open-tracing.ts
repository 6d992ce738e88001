import type { OpenTelemetryOptions } from './open-telemetry/tracing.ts'
import type { Tracing } from './tracing.ts'

/** Null where no collector is configured. What makes traces is loaded only where somebody takes them. */
export async function openTracing(
  { endpoint, sampleRatio, headers }: Pick<OpenTelemetryOptions, 'endpoint' | 'sampleRatio' | 'headers'>,
  options: Pick<OpenTelemetryOptions, 'counters' | 'log'>,
): Promise<Tracing | null> {
  if (endpoint === '') return null
  const { createOpenTelemetry } = await import('./open-telemetry/tracing.ts')
  return createOpenTelemetry({ endpoint, sampleRatio, headers, ...options })
}
