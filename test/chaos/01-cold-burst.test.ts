import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createDataset } from '../../demo/generator/dataset.ts'
import { part } from '../../src/systems/relations/parts-logistics.ts'
import type { Crowd } from '../support/crowd.ts'
import { TEST_DATASET } from '../support/dataset.ts'
import { exactly, report } from '../support/figures.ts'
import { sized } from '../support/form.ts'
import type { DeclaredGateway } from '../support/gateway.ts'
import { type ColdGateway, startColdGateway } from './cold-gateway.ts'

/**
 * A crowd that comes all at once to a gateway that has answered nothing yet, over real sockets: however many ask, a
 * restored system is read once for it, and everybody gets the same bytes.
 */
const REQUESTS = sized(3_000, 10_000)

const partNumbers = [...createDataset(TEST_DATASET).rows(part)]
  .filter(row => row.supersededByPartNumber !== null)
  .slice(0, 5)
  .map(row => row.partNumber)

/** Equal for all whom the same sites serve. */
const enquiry = {
  query: `query Enquiry($partNumbers: [PartNumber!]!) {
    partAvailability(partNumbers: $partNumbers) {
      requestedPartNumber outcome
      part { description supersession { currentPartNumber } }
      lines { site { name } quantityAvailableToPromise { value unit } }
    }
  }`,
  variables: { partNumbers },
}

const RELATIONS = ['part', 'part_availability', 'part_supersession']

describe('a cold gateway', () => {
  let cold: ColdGateway
  let gateway: DeclaredGateway
  let crowd: Crowd
  beforeEach(async () => {
    cold = await startColdGateway('PARTS_LOGISTICS')
    ;({ gateway, crowd } = cold)
  })
  afterEach(() => cold.close())

  test('reads each relation once for all who ask the same, and answers all the same', async () => {
    const startedMs = performance.now()
    const answers = await Promise.all(Array.from({ length: REQUESTS }, () => crowd.ask('sample-retailer', enquiry)))
    const tookMs = performance.now() - startedMs
    expect(gateway.reads.toSorted()).toEqual(RELATIONS.map(relation => `lookup ${relation}`))
    report(1, {
      'answers of one instance': { value: answers.filter(({ status }) => status === 200).length, ...exactly(REQUESTS) },
      'distinct answers': { value: new Set(answers.map(({ text }) => text)).size, ...exactly(1) },
      'reads of each relation': { value: gateway.reads.length / RELATIONS.length, ...exactly(1) },
      'by road': JSON.stringify(cold.answersBy()),
      took: { value: tookMs, unit: 'ms' },
    })
    expect(JSON.parse(answers[0]?.text ?? '').data.partAvailability).toHaveLength(partNumbers.length)
  })
})
