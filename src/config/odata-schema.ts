import { z } from 'zod'
import { clientTlsSchema } from './client-tls.ts'
import { odataRelationSchema } from './odata-mapping-schema.ts'
import { relationsSchema } from './relations-schema.ts'
import { connectTimeoutMs, line, matching, path, url, whole } from './setting.ts'

/** OData services behind a restored system. Called by the schema of connectors. `docs/odata.md` explains the mapping. */

const secret = (is: string) => matching({ is }, /^[^\p{Cc}]{1,4000}$/u, 'must be text on one line')

const auth = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }).meta({ description: 'Nothing, or a client certificate.' }),
  z
    .strictObject({
      kind: z.literal('basic'),
      user: line({ is: 'User with no right but to read' }),
      password: secret('Password of the user; take it from the environment'),
    })
    .meta({ description: 'HTTP Basic (RFC 7617).' }),
  z
    .strictObject({
      kind: z.literal('oauth2'),
      tokenUrl: url({ is: 'Token endpoint, asked with the client credentials (RFC 6749 section 4.4)' }),
      clientId: line({ is: 'Client that the gateway is registered as' }),
      clientSecret: secret('Secret of the client; take it from the environment'),
      scope: line({ is: 'Scopes to ask for, divided by spaces' }).optional(),
    })
    .meta({ description: 'OAuth 2.0 client credentials (RFC 6749).' }),
])

/** What the connector sends itself, and what would be another's secret in the open. */
const RESERVED_HEADERS = /^(accept.*|authorization|connection|content-.*|cookie|host|proxy-.*|te|transfer-encoding)$/i

const headers = z
  .record(z.string(), line({ is: 'Value' }))
  .superRefine((entries, context) => {
    for (const name of Object.keys(entries))
      if (!/^[A-Za-z][A-Za-z0-9-]{0,63}$/.test(name) || RESERVED_HEADERS.test(name))
        // Said without the value, which may be a secret.
        context.addIssue({ code: 'custom', path: [name], message: 'is no header that may be set, such as sap-client' })
  })
  .prefault({})
  .meta({ description: 'Headers of every request, such as sap-client.' })

const service = () =>
  matching(
    { is: 'Service below baseUrl; left out: baseUrl is the service' },
    /^(?!\.+(\/|$))[\w.;=,~-]+(\/(?!\.+(\/|$))[\w.;=,~-]+)*$/,
    'must be a path without leading and trailing slash, such as API_BILLING_DOCUMENT_SRV',
  )

const field = (is: string) => matching({ is }, /^[A-Za-z_]\w{0,127}$/, 'must be the name of a field')

const freshness = z.union([
  z.strictObject({ live: z.literal(true) }),
  z.strictObject({
    entitySet: field('Entity set that holds the time'),
    service: service().optional(),
    field: field('Field whose newest value is the time the data is as of'),
  }),
])

export function odataSchema(directory: string) {
  const table = z
    .strictObject({
      file: path(directory, { is: 'CSV file (RFC 4180), read at start' }).optional(),
      from: line({ is: "Column with the source's codes, by its name in the header" }).optional(),
      to: line({ is: "Column with the gateway's values, by its name in the header" }).optional(),
      map: z
        .record(z.string().max(200), z.union([z.string().max(400), z.boolean(), z.int()]))
        .optional()
        .meta({ description: "The gateway's value for each of the source's codes." }),
    })
    .refine(({ file, map }) => (file === undefined) !== (map === undefined), {
      error: 'must have file or map, exactly one of them',
    })
    .refine(({ file, from, to }) => (from === undefined) === (to === undefined) && !(from && file === undefined), {
      error: 'must have from and to together, beside file, or neither (two columns, no header)',
    })
  return z
    .strictObject({
      kind: z.literal('odata'),
      version: z.enum(['V2', 'V4']).meta({ description: 'Version of the protocol.' }),
      baseUrl: url({ is: 'URL below which the services are' }),
      tls: clientTlsSchema(directory).optional(),
      auth: auth
        .prefault({ kind: 'none' })
        .meta({ description: 'How the gateway shows who it is; mutual TLS stands in `tls`.' }),
      headers,
      maxUrlLength: whole({ is: 'Longest URL', unit: 'characters', from: 500, to: 16_000, preset: 2_000 }),
      pageSize: whole({ is: 'Most rows that one request asks for', from: 1, to: 50_000, preset: 1_000 }),
      concurrency: whole({ is: 'Most requests at once', from: 1, to: 100, preset: 8 }),
      connectTimeoutMs: connectTimeoutMs(),
      // Parsing holds up everybody, some 150 ms for 4 MiB: room for the preset pageSize at 4 KiB a row.
      maxBodyBytes: whole({
        is: 'Largest body of an answer',
        unit: 'bytes',
        from: 10_000,
        to: 268_435_456,
        preset: 4_194_304,
      }),
      freshness: freshness.prefault({ live: true }).meta({
        description: 'The time the data is as of: that of the request (live), or the newest value of a field.',
      }),
      codes: z
        .record(z.string().regex(/^[A-Za-z]\w{0,63}$/, { error: 'must be a name' }), table)
        .prefault({})
        .meta({ description: 'Translation tables by name, used in both directions.' }),
      relations: relationsSchema(odataRelationSchema(service, field), 'Where each relation comes from, by name.'),
    })
    .superRefine(({ codes, relations }, context) => {
      for (const [relation, { columns }] of Object.entries(relations))
        for (const [name, { codes: table }] of Object.entries(columns))
          if (typeof table === 'string' && !Object.hasOwn(codes, table))
            context.addIssue({
              code: 'custom',
              path: ['relations', relation, 'columns', name],
              message: `must name one of the tables under codes, not ${JSON.stringify(table)}`,
            })
    })
    .meta({ description: 'OData services, version 2 or 4. Only GET is ever sent.' })
}

type DeepReadonly<T> = T extends string | number | boolean | null | undefined
  ? T
  : { readonly [K in keyof T]: DeepReadonly<T[K]> }

export type ODataSettings = DeepReadonly<z.output<ReturnType<typeof odataSchema>>>
