import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from '@jest/globals'
import { parse, type Token } from 'graphql'
import { plannerOf } from './planning.ts'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

const OTHERS = Array.from({ length: 100 }, (_, n) => `query Other${n} { restartStatus { headline } }`).join('\n')
const SOURCE = `query Part($number: PartNumber!) { part(partNumber: $number) { description } }\n${OTHERS}`

/** In a function of its own, so that nothing of the document is left on the stack. */
function planned() {
  const document = parse(SOURCE)
  const token = document.loc?.startToken
  if (token === undefined) throw new Error('the document has no positions')
  const plan = plannerOf().planFor({ source: SOURCE, document, operationName: 'Part' })
  // Every token holds the next one and the one before.
  return { plan, given: new WeakRef(token) }
}

async function isGone(given: WeakRef<Token>): Promise<boolean> {
  for (let n = 0; n < 10; n++) {
    await new Promise(resolve => setImmediate(resolve))
    collect()
    if (given.deref() === undefined) return true
  }
  return false
}

test('a plan holds nothing of the document that it was made of, whatever stood beside its operation', async () => {
  const { plan, given } = planned()
  expect(await isGone(given)).toBe(true)
  expect(plan.costOf(plan.coerceVariables({ number: '8K0-941-029' }))).toBeGreaterThan(0)
})
