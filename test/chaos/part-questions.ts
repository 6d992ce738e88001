import { isDeepStrictEqual } from 'node:util'
import { createDataset } from '../../demo/generator/dataset.ts'
import { part as partRelation } from '../../src/systems/relations/parts-logistics.ts'
import { outcomeOf, type Reply } from '../support/client.ts'
import { TEST_DATASET } from '../support/dataset.ts'

/**
 * Questions for parts, numbered: most for a few that everybody asks for, every fifth for one that nobody has asked for
 * until then but its neighbour. What the right answer to each is, the dataset knows.
 */
const WARM = 40
const COLD_EVERY = 5

const parts = [...createDataset(TEST_DATASET).rows(partRelation)]

/** The same two questions for a cold part are `COLD_EVERY` apart. */
export function partAt(n: number): { readonly partNumber: string; readonly description: string } {
  const cold = WARM + (Math.floor(n / (COLD_EVERY * 2)) % (parts.length - WARM))
  const { partNumber, description } = parts[n % COLD_EVERY === 0 ? cold : n % WARM] ?? {}
  return { partNumber: String(partNumber), description: String(description) }
}

/** The number of two processes that answers: each cold part is asked for at both. */
export const processAt = (n: number): number => Math.floor(n / COLD_EVERY) % 2

export const questionAt = (n: number) => ({
  query: `{ viewer { partner { bpnl } } part(partNumber: "${partAt(n).partNumber}") { partNumber description } }`,
})

/** `RIGHT`: what this partner should have been told, to the letter; `WRONG`: something else; or the status and code. */
export function judge(n: number, bpnl: string, reply: Reply): string {
  const right = { data: { viewer: { partner: { bpnl } }, part: partAt(n) } }
  if (reply.status === 200 && isDeepStrictEqual(reply.body, right)) return 'RIGHT'
  return reply.body.data == null ? outcomeOf(reply) : 'WRONG'
}
