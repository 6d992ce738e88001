import { createDataset } from '../../demo/generator/dataset.ts'
import type { Random } from '../../demo/generator/random.ts'
import { part, partsOrderLine } from '../../src/systems/relations/parts-logistics.ts'
import type { Received } from '../support/crowd.ts'
import { TEST_DATASET } from '../support/dataset.ts'
import type { Question } from '../support/gateway.ts'
import type { Attempt } from '../support/retrying.ts'

/**
 * What a crowd of retailers asks parts logistics for, numbered: pages of their own order lines, each of another kind, so
 * that each is one call, and parts of the catalogue, which can be read together. What the right answer is, the dataset knows.
 */
export interface Asked {
  readonly client: string
  readonly question: Question
  /** Whether this is an answer to it, and nobody else's. */
  readonly isRight: (data: Readonly<Record<string, unknown>>) => boolean
}

const RETAILERS = 8
/** Every so many-th is for a part. */
const PARTS_EVERY = 4
const FIRST = 2
const BEGIN_MS = Date.parse('2020-01-01T00:00:00Z')

interface Line {
  readonly customerOrderId: string
  readonly customerOrderPositionId: string
}
const nameOf = ({ customerOrderId, customerOrderPositionId }: Line) => `${customerOrderId}/${customerOrderPositionId}`

const { partners, rows } = createDataset(TEST_DATASET)
const retailers = partners.retailers.slice(0, RETAILERS)
export const CLIENTS = retailers.map(({ client }) => client)
const bpnls = new Set(retailers.map(({ bpnl }) => bpnl))
const linesOf = new Map(
  [
    ...Map.groupBy(
      [...rows(partsOrderLine)].filter(row => bpnls.has(row.retailerBpnl)),
      row => row.retailerBpnl,
    ),
  ].map(([bpnl, lines]) => [bpnl, new Set(lines.map(nameOf))]),
)
const parts = [...rows(part)]

/** The same number, the same question; another, another. */
export function orderLines(key: number): Asked {
  const { client = '', bpnl = '' } = retailers[key % RETAILERS] ?? {}
  const since = new Date(BEGIN_MS + Math.floor(key / RETAILERS) * 1_000).toISOString()
  const query = `{ partsOrderLines(first: ${FIRST}, filter: { updatedSince: "${since}" }) { edges { node { customerOrderId customerOrderPositionId } } } }`
  return {
    client,
    question: { query },
    isRight({ partsOrderLines }) {
      const { edges } = partsOrderLines as { readonly edges: readonly { readonly node: Line }[] }
      return edges.length === FIRST && edges.every(({ node }) => linesOf.get(bpnl)?.has(nameOf(node)))
    },
  }
}

export function mixed(key: number): Asked {
  if (key % PARTS_EVERY !== 0) return orderLines(key)
  const { partNumber, description } = parts[(key / PARTS_EVERY) % parts.length] ?? {}
  return {
    client: retailers[key % RETAILERS]?.client ?? '',
    question: { query: `{ part(partNumber: "${partNumber}") { description } }` },
    isRight: data => (data.part as { readonly description: unknown } | null)?.description === description,
  }
}

/** What came of it: `ANSWERED`, `WRONG`, or the code of a typed error; and when the gateway says to come back. */
export function judge(asked: Asked, { status, headers, text }: Received): Attempt {
  const { data, errors } = JSON.parse(text)
  const [error] = errors ?? []
  if (error === undefined)
    return { outcome: status === 200 && asked.isRight(data) ? 'ANSWERED' : 'WRONG', retryAfterMs: null }
  const { code, retryAfterSeconds } = error.extensions
  const header = headers['retry-after']
  if (header !== undefined && Number(header) !== retryAfterSeconds) return { outcome: 'WRONG', retryAfterMs: null }
  return { outcome: code, retryAfterMs: typeof retryAfterSeconds === 'number' ? retryAfterSeconds * 1_000 : null }
}

/** One client in five comes back when it likes to, and that is soon. */
export function temper({ retryAfterMs, outcome }: Attempt, n: number, random: Random): Attempt {
  const isImpatient = n % 5 === 0
  if (retryAfterMs === null || !isImpatient) return { outcome, retryAfterMs }
  return { outcome, retryAfterMs: random.int(200, 1_000) }
}
