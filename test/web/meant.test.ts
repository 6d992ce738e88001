import { expect, test } from '@jest/globals'
import { meant } from '../../web/explorer/meant.ts'

const TWO = 'query Stands { a } subscription Happens { b }'

test.each([
  ['the one that is named', TWO, 'Happens', 'Happens', true],
  ['another that is named', TWO, 'Stands', 'Stands', false],
  ['the only one, where one of another document is named', 'subscription Happens { b }', 'Stands', 'Happens', true],
  ['the only one, where none is named', 'subscription Happens { b }', null, 'Happens', true],
  ['the only one, which has no name', '# subscription\n{ a }', 'Stands', null, false],
  ['what only the gateway can say: one of several', TWO, 'Other', 'Other', false],
  ['what only the gateway can say: no document', 'subscription {', 'Happens', 'Happens', false],
])('a document means %s', (_, query, operationName, sent, isSubscription) => {
  expect(meant({ query, operationName, variables: { n: 1 } })).toEqual({
    asked: { query, operationName: sent, variables: { n: 1 } },
    isSubscription,
  })
})
