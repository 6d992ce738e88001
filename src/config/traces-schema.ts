import { z } from 'zod'
import { group, line, url } from './setting.ts'

/** Where traces are sent, and how many. Called by the schema of the configuration. */

const RATIO = 'must be a number from 0 to 1'

/** The environment holds only text. */
const asNumber = (value: unknown) =>
  typeof value === 'string' && /^\d(\.\d{1,15})?$/.test(value) ? Number(value) : value

export const traces = group('Traces by OpenTelemetry, sent to a collector as OTLP over HTTP', {
  endpoint: z
    .union([z.literal(''), url({ is: 'Base URL of the collector' })], {
      error: 'must be empty, or an https URL without user, password and fragment (http only to a loopback address)',
    })
    .prefault('')
    .meta({
      description: 'Base URL of the collector, which has v1/traces below it; empty: no trace is made.',
    }),
  sampleRatio: z
    .preprocess(asNumber, z.number({ error: RATIO }).min(0, { error: RATIO }).max(1, { error: RATIO }))
    .prefault(0.01)
    .meta({ description: 'Part of the requests that are traced, from 0 to 1. Default: 0.01.' }),
  headers: z
    .record(z.string(), line({ is: 'Value' }))
    .superRefine((entries, context) => {
      for (const name of Object.keys(entries))
        if (!/^[A-Za-z][A-Za-z0-9-]{0,63}$/.test(name))
          // Said without the value, which may be a secret.
          context.addIssue({ code: 'custom', path: [name], message: 'is no name of a header' })
    })
    .prefault({})
    .meta({
      description: 'Headers for the collector, such as its credentials; take them from the environment.',
    }),
})
