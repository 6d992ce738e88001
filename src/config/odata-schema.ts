import { z } from 'zod'
import { clientTlsSchema } from './client-tls.ts'
import { url } from './setting.ts'

/** OData services behind a restored system. Called by the schema of connectors. */

export function odataSchema(directory: string) {
  return z
    .strictObject({
      kind: z.literal('odata'),
      version: z.enum(['V2', 'V4']).meta({ description: 'Version of the protocol.' }),
      baseUrl: url({ is: 'URL below which the services are' }),
      tls: clientTlsSchema(directory).optional(),
    })
    .meta({ description: 'OData services.' })
}
