import { expect, test } from '@jest/globals'
import { createRefusalLog } from '../../src/http/refusal-log.ts'
import { GatewayError } from '../../src/model/errors.ts'

function started() {
  const written: (readonly [level: string, fields: object, message: string])[] = []
  const level = (name: string) => (fields: object, message: string) => void written.push([name, fields, message])
  const clock = { nowMs: 0 }
  const tell = createRefusalLog({ warn: level('warn'), error: level('error') }, () => clock.nowMs)
  return { written, tell, clock }
}

const refusal = () =>
  new GatewayError('UNAUTHENTICATED', 'A valid access token is required.', { cause: new Error('no key has this kid') })

test('a flood of refusals takes a few lines, without stacks, and then says how many there were', () => {
  const { written, tell, clock } = started()
  for (let n = 0; n < 5_000; n++) tell(refusal(), `request ${n}`)
  expect(written).toHaveLength(20)
  const fields = { requestId: 'request 0', code: 'UNAUTHENTICATED', why: 'no key has this kid' }
  expect(written[0]).toEqual(['warn', fields, 'a request was refused'])
  clock.nowMs = 10_000
  tell(refusal(), 'the next')
  expect(written.slice(20).map(([, said]) => said)).toEqual([{ refusals: 4_980 }, { ...fields, requestId: 'the next' }])
})

test('a failure of the gateway itself is told whole, however many there are; a refusal that says all by its code is not', () => {
  const { written, tell } = started()
  const failure = new Error('broken')
  for (let n = 0; n < 50; n++) tell(failure, String(n))
  tell(new GatewayError('NOT_FOUND', 'There is nothing at this path.'), 'one')
  expect(written).toHaveLength(50)
  expect(written[49]).toEqual(['error', { requestId: '49', error: failure }, 'a request failed'])
})
