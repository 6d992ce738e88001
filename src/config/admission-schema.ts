import { group, whole } from './setting.ts'

/** What one partner may have under way, and from when on the instance refuses a share of the requests. Called by the schema of the configuration. */
export const admission = group('Who is let in when there is more to do than can be done', {
  inFlightPerPartner: whole({
    is: 'Most operations of one partner that are executed at once; answers that stand ready do not count',
    from: 1,
    to: 100_000,
    preset: 50,
  }),
  refusedDocumentCost: whole({
    is: 'What a partner pays for a document that is read and then refused',
    unit: 'units of the cost directives',
    from: 0,
    to: 100_000,
    preset: 50,
  }),
  loopDelayMs: whole({
    is: 'How late the event loop may be before requests are refused; 0: none ever is for load',
    unit: 'milliseconds',
    from: 0,
    to: 10_000,
    preset: 15,
  }),
  reservedPerSecond: whole({
    is: 'Critical operations of each kind that are let in whatever the load, and as many requests that may be such',
    from: 0,
    to: 100_000,
    preset: 100,
  }),
})
