import { isDeepStrictEqual } from 'node:util'
import { Kind, parse } from 'graphql'
import { freePort } from '../../test/support/free-port.ts'
import type { BenchSite } from '../site/site.ts'
import { type BenchQuestion, openReference } from './reference.ts'
import { type RunningVariant, startVariant } from './start.ts'
import type { VariantName } from './variant.ts'

export type { BenchQuestion } from './reference.ts'

/**
 * Decides which variants may be timed: those whose every answer is the reference's, for every partner, the first time and
 * out of the cache, with caches on and off. Called before anything is measured.
 */
export interface VariantVerdict {
  readonly name: VariantName
  /** Null: it may be timed. */
  readonly leftOutBecause: string | null
  /** Questions that it was not asked, because it cannot say them. */
  readonly notAsked: number
}

/** Send the same bytes whatever is asked, so there is nothing to be wrong. */
const LIMITS: readonly VariantName[] = ['fastify', 'node-http', 'nginx']

/** The root fields that Tailcall is given a service for. */
const TAILCALL_FIELDS: readonly string[] = ['partAvailability', 'part']

const isSaidByTailcall = ({ query }: BenchQuestion): boolean =>
  parse(query).definitions.every(
    definition =>
      definition.kind === Kind.OPERATION_DEFINITION &&
      definition.selectionSet.selections.every(
        selection => selection.kind === Kind.FIELD && TAILCALL_FIELDS.includes(selection.name.value),
      ),
  )

/**
 * Each question is asked by its own client and then, right after, by another: who is given a foreign partner's answer is
 * found whichever way round a cache keeps them. Throws where the reference itself has no answer.
 */
export async function checkVariants(
  site: BenchSite,
  names: readonly VariantName[],
  questions: readonly BenchQuestion[],
  progress: (text: string) => void,
): Promise<readonly VariantVerdict[]> {
  const reference = await openReference(site)
  try {
    const expected: Expected[] = []
    for (const question of withOthers(questions)) expected.push({ question, answer: await reference.answer(question) })
    const verdicts: VariantVerdict[] = []
    for (const name of names) {
      progress(`checking the answers of ${name}`)
      const asked = name === 'tailcall' ? expected.filter(({ question }) => isSaidByTailcall(question)) : expected
      const leftOutBecause = await problemOf(site, name, LIMITS.includes(name) ? [] : asked)
      verdicts.push({ name, leftOutBecause, notAsked: expected.length - asked.length })
    }
    return verdicts
  } finally {
    await reference.close()
  }
}

interface Expected {
  readonly question: BenchQuestion
  readonly answer: unknown
}

/** Each question by its own client, and right after by the next one that asks with the same document. */
function withOthers(questions: readonly BenchQuestion[]): readonly BenchQuestion[] {
  return questions.flatMap((question, index) => {
    const { client, query } = question
    const after = [...questions.slice(index + 1), ...questions.slice(0, index)]
    const other = after.find(one => one.query === query && one.client !== client)
    return other === undefined ? [question] : [question, { ...question, client: other.client }]
  })
}

async function problemOf(site: BenchSite, name: VariantName, expected: readonly Expected[]): Promise<string | null> {
  for (const cached of [true, false]) {
    let variant: RunningVariant | undefined
    try {
      variant = await startVariant(name, site, { cached, port: await freePort(), cpu: null })
      // The second round is answered out of the caches; its order is the other way round.
      for (const round of [expected, expected.toReversed()])
        for (const { question, answer } of round) {
          const given = await ask(site, variant.url, question)
          if (!isDeepStrictEqual(given, answer)) return wording(question, answer, given)
        }
    } catch (thrown) {
      return thrown instanceof Error ? thrown.message : String(thrown)
    } finally {
      await variant?.stop()
    }
  }
  return null
}

/** POSTs a question and parses the answer. */
export async function ask(site: BenchSite, url: string, question: BenchQuestion): Promise<unknown> {
  const { client, ...body } = question
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await site.token(client)}`,
      'content-type': 'application/json',
      accept: 'application/json',
    },
    body: JSON.stringify(body),
  })
  return response.json()
}

const MOST_CHARACTERS = 300

function wording(question: BenchQuestion, answer: unknown, given: unknown): string {
  const [right = '', wrong = ''] = [answer, given].map(value => JSON.stringify(value) ?? '')
  let at = 0
  while (at < right.length && right[at] === wrong[at]) at += 1
  const from = Math.max(0, at - 40)
  const variables = JSON.stringify(question.variables ?? {}).slice(0, MOST_CHARACTERS)
  return `${question.client} asked ${question.query.slice(0, 60).replaceAll(/\s+/g, ' ')}… with ${variables} and was given …${wrong.slice(from, from + MOST_CHARACTERS)}, not …${right.slice(from, from + MOST_CHARACTERS)}`
}
