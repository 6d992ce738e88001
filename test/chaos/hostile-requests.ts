import type { Random } from '../../demo/generator/random.ts'

/**
 * Requests that are made to cost, to crash or to spy: each a body, of a size that is drawn, beyond what some limit allows.
 * None of them has an answer that a partner could want.
 */
export type HostileRequest = readonly [what: string, make: (random: Random) => string]

const times = (count: number, text: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => text(n)).join(' ')
const body = (query: string, more: object = {}): string => JSON.stringify({ query, ...more })
const nested = (open: string, levels: number, inside: string): string =>
  `${open.repeat(levels)}${inside}${'}'.repeat(levels)}`
const large = (random: Random): number => random.int(2_000, 6_000)
const PART = 'part(partNumber: "LR106259")'

export const HOSTILE_REQUESTS: readonly HostileRequest[] = [
  ['levels without end', random => body('{a'.repeat(large(random)))],
  ['levels, closed', random => body(nested('{a', large(random), ''))],
  ['levels of inline fragments', random => body(nested('{ ... ', large(random), '{ __typename }'))],
  [
    'levels of a type',
    random =>
      body(`{ __schema { types { fields { type ${nested('{ ofType ', random.int(20, 100), '{ name }')} } } } }`),
  ],
  [
    'levels of lists in a value',
    random => body(`{ partAvailability(partNumbers: ${'['.repeat(large(random))}) { outcome } }`),
  ],
  [
    'levels of lists in a variable',
    random =>
      body('query ($n: [PartNumber!]!) { partAvailability(partNumbers: $n) { outcome } }', {
        variables: { n: JSON.parse(`${'['.repeat(500)}${random.int(0, 9)}${']'.repeat(500)}`) },
      }),
  ],
  ['aliases', random => body(`{ ${times(large(random), n => `a${n}: ${PART} { partNumber }`)} }`)],
  ['aliases of one leaf', random => body(`{ ${PART} { ${times(random.int(60, 400), n => `a${n}: description`)} } }`)],
  ['root fields', random => body(`{ ${times(random.int(21, 45), n => `a${n}: restartStatus { phase }`)} }`)],
  ['one field again and again', random => body(`{ ${PART} { ${times(large(random), () => 'description')} } }`)],
  [
    'directives',
    random => body(`{ restartStatus ${times(random.int(60, 400), () => '@include(if: true)')} { phase } }`),
  ],
  [
    'directives that there are not',
    random => body(`{ restartStatus ${times(random.int(60, 400), n => `@d${n}`)} { phase } }`),
  ],
  [
    'fragments that double',
    random =>
      body(
        `{ ...F0 } ${times(random.int(30, 90), n => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`)} fragment F99 on Query { __typename }`,
      ),
  ],
  ['fragments in a circle', () => body('{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }')],
  [
    'fragments that nobody uses',
    random => body(`{ __typename } ${times(random.int(100, 300), n => `fragment F${n} on Query { __typename }`)}`),
  ],
  ['fragments that there are not', random => body(`{ ${times(random.int(100, 600), n => `...F${n}`)} }`)],
  ['variables', random => body(`query (${times(large(random), n => `$v${n}: Int`)}) { __typename }`)],
  [
    'variables that there are not',
    random => body(`{ ${times(random.int(20, 45), n => `a${n}: part(partNumber: $v${n}) { description }`)} }`),
  ],
  [
    'a variable of another type',
    () =>
      body(`query ($n: PartNumber!) { part(partNumber: $n) { description } }`, { variables: { n: { toString: 1 } } }),
  ],
  [
    'a list without end in a variable',
    random =>
      body('query ($n: [PartNumber!]!) { partAvailability(partNumbers: $n) { outcome } }', {
        variables: { n: Array.from({ length: random.int(2_000, 9_000) }, (_, n) => `LR${n}`) },
      }),
  ],
  [
    'a page without end',
    random => body(`{ partsOrderLines(first: ${random.int(100_000, 2_000_000_000)}) { edges { cursor } } }`),
  ],
  [
    'a page of less than nothing',
    random => body(`{ partsOrderLines(first: -${random.int(1, 100_000)}) { edges { cursor } } }`),
  ],
  ['tokens', random => body(`{ ${times(large(random), () => 'a')} }`)],
  ['a comment without end', random => body(`{ __typename } # ${'x'.repeat(random.int(40_000, 200_000))}`)],
  [
    'text without end',
    random => body(`{ part(partNumber: "${'x'.repeat(random.int(40_000, 200_000))}") { description } }`),
  ],
  ['a body beyond its limit', random => body(`{ __typename } ${' '.repeat(random.int(262_144, 400_000))}`)],
  ['a name without end', random => body(`{ ${'x'.repeat(random.int(40_000, 200_000))} }`)],
  ['names that are almost right', () => body('{ restartStatu { phas } par { descriptio } supplierInvoice { edge } }')],
  ['fields of a type that it has not', () => body(`{ ${PART} { descriptio partNumbe supersessio } }`)],
  ['arguments that are almost right', () => body('{ part(partNumbe: "LR106259") { description } }')],
  [
    'types that are almost right',
    () => body('query ($n: PartNumbe) { ... on Quer { __typename } part(partNumber: $n) { description } }'),
  ],
  ['introspection', () => body('{ __schema { types { name fields { name } } } }')],
  [
    'introspection behind an alias and a fragment',
    () => body('{ ...F } fragment F on Query { a: __type(name: "Part") { b: fields { c: name } } }'),
  ],
  ['a mutation', () => body('mutation { closeSystem(key: PARTS_LOGISTICS) }')],
  ['a subscription where there is none', () => body('subscription { everything }')],
  [
    'another operation than it has',
    () => body('query A { __typename } query B { __typename }', { operationName: '__proto__' }),
  ],
  ['no operation', () => body('fragment F on Query { __typename }')],
  [
    'several requests in one',
    random => `[${times(random.int(2, 50), () => body('{ __typename }')).replaceAll('} {', '},{')}]`,
  ],
  ['no query', () => '{"variables":{"__proto__":{"isAdmin":true}}}'],
  ['a query that is no text', () => '{"query":{"toString":"x"}}'],
  ['JSON without an end', random => '{"query":"'.repeat(random.int(1, 1_000))],
  ['JSON of levels', random => '['.repeat(random.int(10_000, 100_000))],
  ['control characters', () => body('{ \u0000\u0007\u001b[31m }')],
  ['half a surrogate', () => '{"query":"{ part(partNumber: \\"\\ud800\\") { description } ","x":1}'],
]
