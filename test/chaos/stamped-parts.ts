import { createDataset } from '../../demo/generator/dataset.ts'
import { createRandom } from '../../demo/generator/random.ts'
import { part, partAvailability } from '../../src/systems/relations/parts-logistics.ts'
import type { Reply } from '../support/client.ts'
import { TEST_DATASET } from '../support/dataset.ts'
import { SEED } from '../support/form.ts'
import type { Question } from '../support/gateway.ts'

/**
 * Parts whose descriptions say which edition of the data they are of, questions for them, and what each answer is: of
 * which edition, given by the system or kept from before, or wrong. What is right, the dataset knows.
 */
const FIRST_AS_OF = TEST_DATASET.anchor
const SECOND_AS_OF = new Date(Date.parse(FIRST_AS_OF) + 60_000).toISOString()

/** The second edition, in one step. */
export const REPLACED = `
  BEGIN;
  UPDATE parts_logistics.part SET description = description || ', 2';
  UPDATE parts_logistics.freshness SET as_of = '${SECOND_AS_OF}';
  COMMIT`

const dataset = createDataset(TEST_DATASET)
const parts = [...dataset.rows(part)]
const availability = Map.groupBy(dataset.rows(partAvailability), ({ partNumber }) => partNumber)

/** Asked for again and again, so that answers about them are found in caches too. */
const POPULAR = 60
const IN_AN_ENQUIRY = 3

const random = createRandom(SEED, 'stamped-parts')
const order = parts.map(row => ({ row, at: random.unit() })).toSorted((a, b) => a.at - b.at)
const numbers = order.map(({ row }) => row.partNumber)
const descriptions = new Map(parts.map(({ partNumber, description }) => [partNumber, description]))

const STAMP = 'provenance { system asOf origin }'
const PART = `part(partNumber: $number) { partNumber description ${STAMP} }`
const READ = `requestedPartNumber part { description ${STAMP} }
  lines { site { bpns } quantityAvailableToPromise { value } }`
const ENTRY = `${READ} outcome ${STAMP}`

/** Every fourth question is for one of so many parts of its own, once and `LAG` such questions later once more. */
const LAG = 60

/** All that will be asked for, read once: in a few questions, and by no field that is asked for alone. */
export function readings(asked: number): readonly Question[] {
  const wanted = numbers.slice(0, POPULAR + Math.ceil(asked / 2))
  return Array.from({ length: Math.ceil(wanted.length / 100) }, (_, page) =>
    enquiry(wanted.slice(page * 100, (page + 1) * 100), READ),
  )
}

/**
 * By turns an enquiry for popular parts, a part that nobody has asked for by its number, and an enquiry for one of which
 * nobody has asked whether it is there, or only just now.
 */
export function questionAt(n: number): Question {
  if (n % 4 === 1) return { query: `query ($number: PartNumber!) { ${PART} }`, variables: { number: ownAt(n) } }
  if (n % 4 === 3) return enquiry([ownAt(n % 8 === 7 ? Math.max(3, n - 4 - LAG * 4) : n)], ENTRY)
  return enquiry(
    Array.from({ length: IN_AN_ENQUIRY }, (_, at) => numbers[(n + at * 7) % POPULAR] ?? ''),
    ENTRY,
  )
}

/** Whether no field of the question has been asked for before. */
export const isUnasked = (n: number) => n % 4 === 1

const ownAt = (n: number) => numbers[POPULAR + (((n - 1) / 2) % (numbers.length - POPULAR))] ?? ''

function enquiry(wanted: readonly string[], entry: string): Question {
  return {
    query: `query ($numbers: [PartNumber!]!) { partAvailability(partNumbers: $numbers) { ${entry} } }`,
    variables: { numbers: wanted },
  }
}

export interface Verdict {
  /** `FAILED`: there is an error in it. */
  readonly kind: 'FRESH' | 'LAST_KNOWN_GOOD' | 'WRONG' | 'FAILED'
  readonly why: string
  /** Editions of the parts in it. */
  readonly editions: ReadonlySet<number>
  /** When what was kept was read, in milliseconds since the Unix epoch; null: nothing was kept. */
  readonly readAtMs: number | null
}

interface Stamp {
  readonly system: string
  readonly asOf: string
  readonly origin: string
}

export function judge(n: number, { status, body }: Reply, sites: readonly string[]): Verdict {
  const editions = new Set<number>()
  const problems: string[] = []
  const stamps: Stamp[] = []

  function look(number: string, found: { readonly description: string; readonly provenance: Stamp } | null): void {
    const first = descriptions.get(number)
    const edition = [first, `${first}, 2`].indexOf(found?.description) + 1
    if (found === null || edition === 0) problems.push(`${number} is ${JSON.stringify(found)}`)
    else {
      editions.add(edition)
      stamps.push(found.provenance)
      // The time may be earlier than the data, and never later.
      if (found.provenance.asOf === SECOND_AS_OF && edition === 1) problems.push(`${number} is older than it says`)
    }
  }

  const { data, errors, extensions } = body
  if (status !== 200 || errors !== undefined)
    return { kind: 'FAILED', why: `${status} ${errors?.[0]?.extensions.code}`, editions, readAtMs: null }
  if (isUnasked(n)) look(ownAt(n), data.part)
  else
    for (const entry of data.partAvailability) {
      look(entry.requestedPartNumber, entry.part)
      stamps.push(entry.provenance)
      const [told, right] = [JSON.stringify(entry.lines), JSON.stringify(linesOf(entry.requestedPartNumber, sites))]
      if (told !== right) problems.push(`${entry.requestedPartNumber}: ${told} instead of ${right}`)
    }
  for (const { system, asOf } of stamps)
    if (system !== 'PARTS_LOGISTICS' || ![FIRST_AS_OF, SECOND_AS_OF].includes(new Date(asOf).toISOString()))
      problems.push(`a stamp of ${system} as of ${asOf}`)

  const warnings: readonly { readonly code: string; readonly system: string; readonly readAt: string }[] =
    extensions?.warnings ?? []
  const isKept = stamps.some(({ origin }) => origin === 'LAST_KNOWN_GOOD')
  const [warning] = warnings
  if (isKept && warning === undefined) problems.push('kept, and there is no warning of it')
  if (warning !== undefined && (warning.code !== 'LAST_KNOWN_GOOD' || warning.system !== 'PARTS_LOGISTICS'))
    problems.push(`a warning of ${warning.code} about ${warning.system}`)
  return {
    kind: problems.length > 0 ? 'WRONG' : warning === undefined ? 'FRESH' : 'LAST_KNOWN_GOOD',
    why: problems.join('; '),
    editions,
    readAtMs: warning === undefined ? null : Date.parse(warning.readAt),
  }
}

function linesOf(number: string, sites: readonly string[]): readonly object[] {
  const lines = availability.get(number) ?? []
  return sites.flatMap(bpns =>
    lines
      .filter(({ siteBpns }) => siteBpns === bpns)
      .map(({ quantityAvailableToPromise }) => ({
        site: { bpns },
        quantityAvailableToPromise: { value: quantityAvailableToPromise },
      })),
  )
}
