import { odataSchema } from '../../../src/config/odata-schema.ts'
import type { MappedConnector } from '../../../src/connectors/mapped-connector.ts'
import { createODataConnector } from '../../../src/connectors/odata/connector.ts'
import { type Clock, systemClock } from '../../../src/model/clock.ts'
import { createCounters } from '../../../src/observe/counters.ts'
import { quietLog } from '../quiet-log.ts'
import { SAMPLE_RELATIONS } from '../sample.ts'

/** A connector from settings as a configuration file has them. */
export async function connect(
  settings: Readonly<Record<string, unknown>>,
  clock: Clock = systemClock,
): Promise<MappedConnector> {
  return createODataConnector({
    system: 'PARTS_LOGISTICS',
    settings: odataSchema(import.meta.dirname).parse({ kind: 'odata', ...settings }),
    relations: SAMPLE_RELATIONS,
    deadlineMs: 2_000,
    clock,
    log: quietLog(),
    counters: createCounters(),
  })
}
