import { describeConnector } from '../contract.ts'
import { connect } from './connecting.ts'
import { createEngine } from './engine.ts'
import { SERVICE, sampleMapping, sampleService } from './sample-service.ts'
import { startODataServer } from './server.ts'
import { createTableEngine } from './table-engine.ts'

// Answers are cut into pages of 7, URLs are short and pages small, so that every way of reading on is taken.
for (const [name, version, engine] of [
  ['OData V2', 'V2', createEngine],
  ['OData V4', 'V4', createEngine],
  ['OData V4 of many rows', 'V4', createTableEngine],
] as const)
  describeConnector(name, async clock => {
    const services = { [SERVICE]: sampleService(version) }
    const server = await startODataServer({ version, services, pageLimit: 7, createEngine: engine })
    const connector = await connect(
      {
        version,
        baseUrl: server.url,
        maxUrlLength: 1_600,
        pageSize: 20,
        codes: { stock: { map: { '01': 'BLOCKED', '02': 'UNRESTRICTED' } } },
        freshness: { service: SERVICE, entitySet: 'Freshness', field: 'AsOf' },
        relations: sampleMapping(version),
      },
      clock,
    )
    return {
      connector,
      advance: asOf => server.replace(SERVICE, sampleService(version, asOf)),
      async dispose() {
        await connector.close()
        await server.close()
      },
    }
  })
