import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { createDataset } from '../../demo/generator/dataset.ts'
import { part } from '../../src/systems/relations/parts-logistics.ts'
import { type Crowd, gatherCrowd } from '../support/crowd.ts'
import { TEST_DATASET } from '../support/dataset.ts'
import { exactly, report } from '../support/figures.ts'
import { sized } from '../support/form.ts'
import { type DeclaredGateway, startGateway } from '../support/gateway.ts'
import { describeWith } from '../support/needs.ts'
import { type RedisServer, redisBinary, startRedis } from '../support/redis.ts'
import { extractsOf, systemsOf } from '../support/systems-of.ts'

/**
 * The crowd of a cold burst, over all instances of a gateway that share a store: a restored system is read as if there
 * were one of them.
 */
const REQUESTS = sized(3_000, 10_000)
const INSTANCES = 2

const { partNumber } = [...createDataset(TEST_DATASET).rows(part)].find(row => row.supersededByPartNumber !== null) ?? {
  partNumber: '',
}
const enquiry = {
  query: 'query Enquiry($partNumber: PartNumber!) { part(partNumber: $partNumber) { partNumber description } }',
  variables: { partNumber },
}

describeWith(['redis'], 'a cold fleet with one shared store', () => {
  let redis: RedisServer
  let gateways: readonly DeclaredGateway[] = []
  let crowds: readonly Crowd[] = []
  beforeEach(async () => {
    redis = await startRedis(redisBinary() ?? '')
    const settings = {
      systems: systemsOf({ PARTS_LOGISTICS: { connector: extractsOf('PARTS_LOGISTICS') } }),
      limits: { costPerMinute: 1_000_000_000 },
      // A busy machine must not make the store look away.
      sharedStore: { url: redis.url, commandTimeoutMs: 2_000 },
    }
    gateways = await Promise.all(Array.from({ length: INSTANCES }, () => startGateway({ settings })))
    crowds = await Promise.all(gateways.map(gateway => gatherCrowd(gateway, { connections: 150 })))
    for (const gateway of gateways) gateway.reads.length = 0
  })
  afterEach(async () => {
    for (const crowd of crowds) await crowd.close()
    for (const gateway of gateways) await gateway.close()
    await redis.stop()
  })

  test('reads a record once for all who ask for it, and answers all the same', async () => {
    const startedMs = performance.now()
    const asked = Array.from({ length: REQUESTS }, (_, n) => crowds[n % INSTANCES]?.ask('sample-retailer', enquiry))
    const answers = await Promise.all(asked)
    const tookMs = performance.now() - startedMs
    expect(JSON.parse(answers[0]?.text ?? '').data.part.partNumber).toBe(partNumber)
    const reads = gateways.flatMap(gateway => gateway.reads)
    expect(new Set(reads)).toEqual(new Set(['lookup part']))
    report(1, {
      'answers of two instances': {
        value: answers.filter(answer => answer?.status === 200).length,
        ...exactly(REQUESTS),
      },
      'distinct answers of both': { value: new Set(answers.map(answer => answer?.text)).size, ...exactly(1) },
      'reads in the fleet': { value: reads.length, ...exactly(1) },
      'took in the fleet': { value: tookMs, unit: 'ms' },
    })
  })
})
