import type { Config } from '../../../config/load-config.ts'
import { readEndpoints } from '../../../webhooks/endpoint.ts'
import { counted } from '../../wording.ts'
import type { Service } from './service-check.ts'

/** The secrets of the endpoints of webhooks. None where the configuration has no endpoint; no receiver is asked anything. */
export function webhooks({ webhooks: { endpoints } }: Pick<Config, 'webhooks'>): readonly Service[] {
  if (endpoints.length === 0) return []
  return [
    {
      service: 'webhooks',
      setting: 'webhooks.endpoints',
      remedy: 'see that each names files with secrets that the gateway alone can read',
      look: async () => `${counted((await readEndpoints(endpoints)).length, 'endpoint')}, with their secrets`,
    },
  ]
}
