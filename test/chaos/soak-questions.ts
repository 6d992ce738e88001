import { isDeepStrictEqual } from 'node:util'
import { createDataset } from '../../demo/generator/dataset.ts'
import type { Random } from '../../demo/generator/random.ts'
import type { SystemKey } from '../../src/model/system.ts'
import { part } from '../../src/systems/relations/parts-logistics.ts'
import type { Reply } from '../support/client.ts'
import { TEST_DATASET } from '../support/dataset.ts'
import { sized } from '../support/form.ts'
import type { Question } from '../support/gateway.ts'
import { RETAILER } from '../support/opening.ts'

/**
 * What the partners of the soak ask, each of one system, and what an answer is: right to the letter, as it was while all
 * was well, a typed refusal, or wrong. Pages of one partner are never those of another, so a foreign one is seen.
 */
export interface SoakQuestion {
  readonly partner: number
  readonly system: SystemKey
  readonly question: Question
}

export interface SoakAnswer {
  readonly kind: 'RIGHT' | 'REFUSED' | 'WRONG' | 'FOREIGN'
  /** Of the refusal; null: it is none. */
  readonly code: string | null
  /** Given from before, as it says. */
  readonly isLastKnown: boolean
}

const SUPPLIER = {
  name: 'Altfeld Pressings Ltd',
  roles: ['SUPPLIER'],
  scopes: ['payments:read', 'demand:read'],
  sites: [],
  wave: 1,
}
const { partners, rows } = createDataset(TEST_DATASET)
const named = (all: readonly { readonly bpnl: string }[], entry: object, prefix: string) =>
  all.slice(0, 2).map(({ bpnl }, index) => {
    const client = `${prefix}-${index + 1}`
    return { bpnl, client, entry: { ...entry, clients: [client] } }
  })
export const SOAK_PARTNERS = [
  ...named(partners.retailers, RETAILER, 'dms'),
  ...named(partners.suppliers, SUPPLIER, 'portal'),
]
const RETAILERS = 2

const PARTS = sized(60, 200)
const PAGES = 20
const partNumbers = [...rows(part)].slice(0, PARTS).map(({ partNumber }) => String(partNumber))

const ask = (partner: number, system: SystemKey, selected: string): SoakQuestion => {
  const query = `{ viewer { partner { bpnl } } ${selected} }`
  return { partner, system, question: { query } }
}
const pages = Array.from({ length: PAGES }, (_, index) => index + 1)

/** All of them; each has one right answer. */
export const SOAK_QUESTIONS: readonly SoakQuestion[] = SOAK_PARTNERS.flatMap((_, partner) =>
  partner < RETAILERS
    ? [
        ...partNumbers.map(number =>
          ask(partner, 'PARTS_LOGISTICS', `part(partNumber: "${number}") { partNumber description }`),
        ),
        // Fresh for half a minute, and last known good for an hour: what a fault finds stale is given from before.
        ...partNumbers.map(number => {
          const stock = `partAvailability(partNumbers: ["${number}"]) { requestedPartNumber outcome lines { site { name } } }`
          return ask(partner, 'PARTS_LOGISTICS', stock)
        }),
        ...pages.map(first => {
          const lines = `partsOrderLines(first: ${first}) { edges { node { customerOrderId customerOrderPositionId } } }`
          return ask(partner, 'PARTS_LOGISTICS', lines)
        }),
        ...pages.map(first => {
          const wholesales = `vehicleWholesales(first: ${first}) { edges { node { vin modelDescription } } }`
          return ask(partner, 'WHOLESALE_FINANCE', wholesales)
        }),
      ]
    : pages.flatMap(first => [
        ask(
          partner,
          'WHOLESALE_FINANCE',
          `supplierPayments(first: ${first}) { edges { node { id amount { amount } } } }`,
        ),
        ask(
          partner,
          'PRODUCTION_SCHEDULE',
          `materialDemands(first: ${first}) { edges { node { id demand { value } } } }`,
        ),
      ]),
)

export const drawQuestion = (random: Random): SoakQuestion =>
  SOAK_QUESTIONS[random.int(0, SOAK_QUESTIONS.length - 1)] ?? ask(0, 'PARTS_LOGISTICS', '')

/** `right`: the data while all was well. */
export function judgeSoak({ partner }: SoakQuestion, right: unknown, { status, body }: Reply): SoakAnswer {
  const answer = (kind: SoakAnswer['kind'], code: string | null = null): SoakAnswer => {
    return { kind, code, isLastKnown: body.extensions?.warnings?.[0]?.code === 'LAST_KNOWN_GOOD' }
  }
  const text = JSON.stringify(body)
  if (SOAK_PARTNERS.some(({ bpnl }, index) => index !== partner && text.includes(bpnl))) return answer('FOREIGN')
  const errors: readonly SoakError[] = body.errors ?? []
  if (errors.length === 0) return answer(status === 200 && isDeepStrictEqual(body.data, right) ? 'RIGHT' : 'WRONG')
  const codes = errors.map(({ extensions }) => String(extensions?.code))
  const isTyped = codes.every(code => /^[A-Z_]+$/.test(code) && code !== 'INTERNAL')
  const refused = new Set(errors.map(({ path = [] }) => path.join('.')))
  const isNothingElse = body.data == null || isRightButFor(refused, body.data, right)
  return answer(isTyped && isNothingElse ? 'REFUSED' : 'WRONG', codes[0])
}

interface SoakError {
  readonly path?: readonly (string | number)[]
  readonly extensions?: { readonly code?: string }
}

/** Whether all is to the letter what it was, but what is null and has an error of its own. */
function isRightButFor(refused: ReadonlySet<string>, data: unknown, right: unknown, path = ''): boolean {
  if (data === null && refused.has(path)) return true
  if (!isTree(data) || !isTree(right)) return data === right
  const names = Object.keys(data)
  if (names.length !== Object.keys(right).length) return false
  return names.every(name => isRightButFor(refused, data[name], right[name], path === '' ? name : `${path}.${name}`))
}

const isTree = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
