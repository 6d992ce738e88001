import { createDataset } from '../../demo/generator/dataset.ts'
import { part as partRelation } from '../../src/systems/relations/parts-logistics.ts'
import { TEST_DATASET } from '../support/dataset.ts'
import type { Question } from '../support/gateway.ts'

/** What retailers ask of a shared gateway: numbered, never the same twice. */

const { rows } = createDataset(TEST_DATASET)
export const PART_NUMBERS = [...rows(partRelation)].map(row => String(row.partNumber))

const LARGE_PAGE = 200
/** Most that a document may have at its root. */
const ALIASES = 20

const partAt = (n: number): string => PART_NUMBERS[n % PART_NUMBERS.length] ?? ''
const since = (n: number): string => new Date(Date.parse('2020-01-01T00:00:00Z') + n * 1_000).toISOString()

const onePart = (n: number): Question => ({ query: `{ part(partNumber: "${partAt(n)}") { description } }` })

function manyAliases(n: number): Question {
  const fields = Array.from({ length: ALIASES }, (_, index) => {
    return `p${index}: part(partNumber: "${partAt(n * ALIASES + index)}") { description }`
  })
  return { query: `{ ${fields.join(' ')} }` }
}

const LARGE = `query ($since: DateTime!) {
  partsOrderLines(first: ${LARGE_PAGE}, filter: { updatedSince: $since }) {
    edges { node { customerOrderId status deliveries { trackingNumber } } }
  }
}`

const largePage = (n: number): Question => ({ query: LARGE, variables: { since: since(n) } })

export const RETAILER_QUESTIONS = {
  'many questions': onePart,
  'many aliases': manyAliases,
  'large pages': largePage,
} as const
export type RetailerQuestion = keyof typeof RETAILER_QUESTIONS
