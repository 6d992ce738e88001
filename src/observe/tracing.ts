import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * The port of whoever makes traces; `open-telemetry/` implements it. Null stands in its place where no collector is
 * configured: then nothing of it is loaded and nothing is asked. Attributes are the gateway's own words and numbers, never
 * what a partner wrote and never a value of a row.
 */
export interface Tracing {
  /**
   * Has a request handled within a span: one of a trace that the request names (W3C Trace Context), or of a new one. Where
   * it is not to be traced, `handle` is called and nothing more. `describe` is asked when the answer has gone.
   */
  request(
    request: IncomingMessage,
    response: ServerResponse,
    handle: () => void,
    describe: () => RequestDescription,
  ): void
  /** Runs `work` in a span under the one that it is called in; where there is none, `work` is called and nothing more. */
  span<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T>
  /** Sends what there is, as far as the collector takes it at once. */
  close(): Promise<void>
}

export type Attributes = Readonly<Record<string, string | number | boolean>>

export interface RequestDescription {
  /** Of low cardinality: the method with the route. */
  readonly name: string
  readonly attributes: Attributes
}
