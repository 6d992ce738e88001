import { expect, test } from '@jest/globals'
import { traces } from '../../src/config/traces-schema.ts'

const SECRET = 'of-the-collector'

test('without an endpoint, and with an empty one, no traces are made', () => {
  expect(traces.parse(undefined)).toEqual({ endpoint: '', sampleRatio: 0.01, headers: {} })
  expect(traces.parse({ endpoint: '' }).endpoint).toBe('')
})

test.each(['https://collector.example:4318', 'http://127.0.0.1:4318', 'http://localhost:4318/otlp'])(
  '%s is a collector',
  endpoint => expect(traces.parse({ endpoint }).endpoint).toBe(endpoint),
)

test.each([
  'http://collector.example:4318',
  'https://user:password@collector.example',
  'collector:4318',
  'grpc://127.0.0.1:4317',
])('%s is refused, because spans would go in the open or nowhere', endpoint =>
  expect(traces.safeParse({ endpoint }).success).toBe(false),
)

test.each([
  ['0', 0],
  ['0.25', 0.25],
  ['1', 1],
  [0.001, 0.001],
])('the ratio %p may come from the environment', (sampleRatio, read) =>
  expect(traces.parse({ sampleRatio }).sampleRatio).toBe(read),
)

test.each(['2', -0.1, 'all', '1e9', Number.NaN])('the ratio %p is refused', sampleRatio =>
  expect(traces.safeParse({ sampleRatio }).success).toBe(false),
)

test('a header that could not be sent is refused without its value', () => {
  for (const headers of [{ 'a b': SECRET }, { authorization: `${SECRET}\r\nx: y` }]) {
    const { error } = traces.safeParse({ headers })
    expect(error?.issues).toHaveLength(1)
    expect(JSON.stringify(error?.issues)).not.toContain(SECRET)
  }
})
