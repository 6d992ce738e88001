import { describeConnector } from '../contract.ts'
import { connect } from './connecting.ts'
import { SERVICE, sampleMapping, sampleService } from './sample-service.ts'
import { startODataServer } from './server.ts'

// Answers are cut into pages of 7, URLs are short and pages small, so that every way of reading on is taken.
for (const version of ['V2', 'V4'] as const)
  describeConnector(`OData ${version}`, async clock => {
    const server = await startODataServer({ version, services: { [SERVICE]: sampleService(version) }, pageLimit: 7 })
    const connector = await connect(
      {
        version,
        baseUrl: server.url,
        maxUrlLength: 1_200,
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
