import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createAnswerKeys } from '../../src/responses/answer-key.ts'
import { createAnswers } from '../../src/responses/answers.ts'
import { createCompressor } from '../../src/responses/content-coding.ts'
import { createQuestions } from '../../src/responses/questions.ts'
import { createGate } from '../../src/systems/gate.ts'
import { recoveryOf } from '../support/declared-recovery.ts'
import { ask, viewerWith } from './asking.ts'

/**
 * A process of its own that fills one cache to several times its bound with what it is really given, and prints by how many
 * bytes it has grown once the garbage is gone. Arguments: the cache, its bound, how long a text each entry has.
 */

const [cache = '', bound = '0', length = '0'] = process.argv.slice(2)
const maxBytes = Number(bound)
const TIMES_FULL = 3
/** No entry takes less. */
const LEAST_ENTRY_BYTES = 500

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')
const clock = { now: () => 1_000_000 }
const viewer = viewerWith()
const recovery = recoveryOf()
const gate = createGate(recovery, () => {})
const keys = createAnswerKeys({ recovery, gate, restartVersion: () => '' })
const document = 'query ($n: String) { part(number: $n) }'
const textOf = (n: number) => String(n).padEnd(Number(length), 'x')
const question = ask(document, { n: 'x' })
const questionOf = (n: number) => ({ ...question, variables: Object.freeze({ n: textOf(n) }), key: digestOf(n) })
const digestOf = (n: number) => String(n).padStart(43, 'k')

async function fillAnswers(count: number): Promise<unknown> {
  const answers = createAnswers({
    maxBytes,
    keys,
    execute: async ({ variables }) => ({ result: { data: { part: variables.n } }, freshUntilMs: clock.now() + 30_000 }),
    write: (_, { data }) => JSON.stringify({ data }),
    compressor: createCompressor(),
    clock,
    onLookup: () => {},
    onEvict: () => {},
  })
  for (let n = 0; n < count; n++) {
    const answered = await answers.answer(questionOf(n), viewer, 'request')
    if (!('finished' in answered) || answered.finished.etag === '') throw new Error('an answer was not kept')
  }
  return answers
}

async function fillQuestions(count: number): Promise<unknown> {
  const questions = createQuestions({ maxBytes, planner: { held: () => question.plan }, clock, onEvict: () => {} })
  for (let n = 0; n < count; n++) {
    const asked = questionOf(n)
    const bytes = Buffer.from(JSON.stringify({ query: document, variables: asked.variables })).toString('latin1')
    questions.remember(bytes, asked, viewer.partner.bpnl)
    if (questions.known(bytes, viewer.partner.bpnl) === undefined) throw new Error('a question was not kept')
    keys.keyFor(asked, viewer)
  }
  return questions
}

async function held(): Promise<number> {
  // What a first collection frees outside the heap is counted off by the next.
  for (let n = 0; n < 3; n++) {
    collect()
    await new Promise(resolve => setImmediate(resolve))
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const fill = cache === 'answers' ? fillAnswers : fillQuestions
// The code that it takes is no part of what is held.
await fill(100)
const before = await held()
const filled = await fill((maxBytes * TIMES_FULL) / (LEAST_ENTRY_BYTES + Number(length)))
const growth = (await held()) - before
process.stdout.write(JSON.stringify({ growth, isThere: typeof filled }))
