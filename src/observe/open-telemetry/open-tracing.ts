import type { Tracing } from '../tracing.ts'
import type { OpenTelemetryOptions } from './tracing.ts'

/** Null where no collector is configured. What makes traces is loaded only where somebody takes them. */
export async function openTracing(
  { endpoint, sampleRatio, headers }: Pick<OpenTelemetryOptions, 'endpoint' | 'sampleRatio' | 'headers'>,
  options: Pick<OpenTelemetryOptions, 'counters' | 'log'>,
): Promise<Tracing | null> {
  if (endpoint === '') return null
  const { createOpenTelemetry } = await import('./tracing.ts')
  return createOpenTelemetry({ endpoint, sampleRatio, headers, ...options })
}
