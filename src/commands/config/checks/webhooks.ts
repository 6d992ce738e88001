import type { Config } from '../../../config/load-config.ts'
import type { Log } from '../../../observe/log.ts'
import { readEndpoints } from '../../../webhooks/endpoint.ts'
import { openOutbox } from '../../../webhooks/open-outbox.ts'
import { counted } from '../../wording.ts'
import type { Service } from './service-check.ts'

/**
 * The secrets of the endpoints of webhooks, and the tables of their outbox on a server; in the embedded database a start makes
 * them. None where the configuration has no endpoint; no receiver is asked anything.
 */
export function webhooks(
  { webhooks: { endpoints }, recovery }: Pick<Config, 'webhooks' | 'recovery'>,
  log: Log,
): readonly Service[] {
  if (endpoints.length === 0) return []
  const secrets: Service = {
    service: 'webhooks',
    setting: 'webhooks.endpoints',
    remedy: 'see that each names files with secrets that the gateway alone can read',
    look: async () => `${counted((await readEndpoints(endpoints)).length, 'endpoint')}, with their secrets`,
  }
  if (recovery.journal.kind !== 'postgres') return [secrets]
  const tables: Service = {
    service: "webhooks' outbox",
    setting: 'recovery.journal',
    remedy: 'have the owner of the database run the SQL of journal schema once more',
    async look() {
      const outbox = await openOutbox({ recovery, embedded: null, log })
      try {
        await outbox.prove()
        return 'has every table and column that this version uses'
      } finally {
        await outbox.close()
      }
    },
  }
  return [secrets, tables]
}
