import { createExtractsConnector } from '../../src/connectors/extracts/connector.ts'
import { createCounters } from '../../src/observe/counters.ts'
import { partStock } from '../../src/systems/relations/parts-logistics.ts'
import { describeConnector } from './contract.ts'
import { type Format, temporaryDirectory, writeDrop } from './extracts-sample.ts'
import { quietLog } from './quiet-log.ts'
import { AS_OF, SAMPLE, SAMPLE_RELATIONS } from './sample.ts'

const describeFormat = (name: string, format: Format) =>
  describeConnector(`the extracts connector over ${name}`, async clock => {
    const { directory, remove } = await temporaryDirectory()
    await writeDrop({ directory, asOf: AS_OF, rows: SAMPLE, format })
    const connector = await createExtractsConnector({
      system: 'PARTS_LOGISTICS',
      directory,
      relations: SAMPLE_RELATIONS,
      log: quietLog(),
      counters: createCounters(),
      clock,
      refreshMs: 3_600_000,
    })
    return {
      connector,
      async advance(asOf) {
        const moved = SAMPLE.get(partStock)?.map(row => ({ ...row, lastUpdatedOn: asOf })) ?? []
        await writeDrop({ directory, asOf, rows: new Map([...SAMPLE, [partStock, moved]]), format })
        await connector.refresh()
      },
      async dispose() {
        await connector.close()
        await remove()
      },
    }
  })

describeFormat('CSV', 'csv')
describeFormat('JSON Lines', 'jsonl')
