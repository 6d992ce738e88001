import type { ExtractsSettings } from '../../src/config/extracts-schema.ts'
import { createExtractsConnector } from '../../src/connectors/extracts/connector.ts'
import { createCounters } from '../../src/observe/counters.ts'
import { partStock } from '../../src/systems/relations/parts-logistics.ts'
import { describeConnector } from './contract.ts'
import {
  type DropOptions,
  foreignSettings,
  temporaryDirectory,
  writeDrop,
  writeForeignDrop,
} from './extracts-sample.ts'
import { quietLog } from './quiet-log.ts'
import { AS_OF, SAMPLE, SAMPLE_RELATIONS } from './sample.ts'

const describeDrop = (
  name: string,
  write: (drop: Omit<DropOptions, 'format'>) => Promise<unknown>,
  relations?: NonNullable<ExtractsSettings['relations']>,
) =>
  describeConnector(`the extracts connector over ${name}`, async clock => {
    const { directory, remove } = await temporaryDirectory()
    await write({ directory, asOf: AS_OF, rows: SAMPLE })
    const connector = await createExtractsConnector({
      system: 'PARTS_LOGISTICS',
      settings: { directory, refreshSeconds: 3_600, relations },
      relations: SAMPLE_RELATIONS,
      log: quietLog(),
      counters: createCounters(),
      clock,
    })
    return {
      connector,
      async advance(asOf) {
        const moved = SAMPLE.get(partStock)?.map(row => ({ ...row, lastUpdatedOn: asOf })) ?? []
        await write({ directory, asOf, rows: new Map([...SAMPLE, [partStock, moved]]) })
        await connector.refresh()
      },
      async dispose() {
        await connector.close()
        await remove()
      },
    }
  })

describeDrop('CSV', drop => writeDrop({ ...drop, format: 'csv' }))
describeDrop('JSON Lines', drop => writeDrop({ ...drop, format: 'jsonl' }))
describeDrop("files and columns of another system's naming", writeForeignDrop, foreignSettings(SAMPLE_RELATIONS))
