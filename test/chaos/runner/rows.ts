/**
 * The 24 things that the gateway survives, in the order of the table that the runner prints. The tests of a row are the files
 * `NN-….test.ts` beside the runner's folder, and those named here. Read by the runner; measures nothing.
 */
export interface Row {
  readonly number: number
  readonly name: string
  readonly what: string
  /** What it is held to. */
  readonly pass: string
  /** Tests of it that stand elsewhere, from the top of the project. */
  readonly elsewhere?: readonly string[]
}

export const ROWS: readonly Row[] = [
  {
    number: 1,
    name: 'cold-burst',
    what: '10,000 identical requests to a cold gateway',
    pass: '1 upstream call per instance, 1 in a fleet with a shared store; all answers equal',
  },
  {
    number: 2,
    name: 'two-partners',
    what: 'the same by two partners, 5,000 each',
    pass: 'exactly 2 calls, 0 foreign values',
  },
  {
    number: 3,
    name: 'same-answers',
    what: 'random sequences of viewers, questions, changes, outages and hang-ups, cached against uncached',
    pass: '0 differences in 10,000 sequences',
    elsewhere: ['test/properties/same-answers.test.ts'],
  },
  {
    number: 4,
    name: 'canaries',
    what: '1,000,000 canaried answers, every fifth client hangs up, store connections are cut',
    pass: '0 foreign values in bodies, headers, errors and logs',
  },
  {
    number: 5,
    name: 'keys',
    what: '1,000,000 random pairs of questions, viewers and epochs',
    pass: 'equal keys only for equal parts; no partition, no write',
    elsewhere: ['test/responses/answer-key.test.ts', 'test/model/key.test.ts', 'test/graphql/field-cache.test.ts'],
  },
  {
    number: 6,
    name: 'same-from-every-store',
    what: 'every type from its system, as finished bytes, from memory and from the shared store',
    pass: 'deep-equal; a record cannot be changed',
    elsewhere: ['test/app/one-answer.test.ts', 'test/graphql/field-cache-shared.test.ts', 'test/model/freeze.test.ts'],
  },
  {
    number: 7,
    name: 'closed-in-flight',
    what: 'a system closed, or a partner disabled, with 1,000 reads in flight at two processes',
    pass: '0 values served later than 1 s after; 0 stored',
  },
  {
    number: 8,
    name: 'database-killed',
    what: 'PostgreSQL killed for 30 s at constant load',
    pass: '0 wrong; ≥ 99.9 % answered; every last-known-good answer marked, within its budget; fresh ≤ 5 s after',
  },
  {
    number: 9,
    name: 'source-faults',
    what: '3 systems, each behind 9 faults of a network or a dying server',
    pass: 'none beyond its deadline (2 s); others unchanged, their p99 +≤ 10 %; a typed error, never wrong data',
  },
  {
    number: 10,
    name: 'shared-store',
    what: 'the shared store frozen for 30 s, then killed for 30 s',
    pass: '0 bypasses; ≥ 99.9 % answered; added p99 ≤ 250 ms; upstream rate within its cap',
  },
  {
    number: 11,
    name: 'metastability',
    what: 'a system ten times slower for 4 s at 80 % load',
    pass: 'goodput ≥ 95 % within 3 s of its end; upstream ≤ 1.1× demand in every second',
  },
  {
    number: 12,
    name: 'reopening',
    what: 'a cold system opens before a crowd of 500 requests/s over 2,000 keys',
    pass: 'upstream within the written ramp +5 %; holds on errors or latency; jittered Retry-After',
  },
  {
    number: 13,
    name: 'breaker',
    what: 'a system that fails, hangs, sends nonsense, or flaps',
    pass: 'opens within 20 calls at ≥ 50 %; open: ≤ 1 probe/s; flapping: ≤ 2 changes/min',
  },
  {
    number: 14,
    name: 'overload',
    what: '5× overload for 60 s',
    pass: 'goodput ≥ 90 % of peak; refusals ≤ 20 ms; RSS ≤ 1.5×; health ≤ 100 ms; normal ≤ 5 s after',
  },
  {
    number: 15,
    name: 'noisy-partner',
    what: 'one partner at 50× its quota',
    pass: 'the others lose 0 requests, p99 +≤ 20 %; cost counts',
  },
  {
    number: 16,
    name: 'bad-statements',
    what: '40 bad attestations and statements',
    pass: '40 refused, each naming its guard; 0 calls to the closed system; through kill -9 and a lost cache',
    elsewhere: ['test/app/refusals.test.ts', 'test/recovery/statements/verify.test.ts'],
  },
  {
    number: 17,
    name: 'forged-tokens',
    what: 'forged tokens, 10,000 unknown keys, and rotation under load',
    pass: 'all 401, same body, 0 outbound fetches, 0 5xx; ≤ 1 key fetch per cool-down; rotation loses 0',
  },
  {
    number: 18,
    name: 'sender-constrained',
    what: "bad proofs, one proof 1,000× over two processes, another client's certificate",
    pass: 'exactly 1 accepted',
  },
  {
    number: 19,
    name: 'graphql-over-http',
    what: "graphql-http's auditServer",
    pass: '0 errors, ≥ 58 of 61; each warning with a written reason',
    elsewhere: ['test/app/protocol.test.ts'],
  },
  {
    number: 20,
    name: 'hostile-documents',
    what: 'hostile documents among good traffic',
    pass: 'each 4xx in ≤ 50 ms; event-loop delay ≤ 100 ms; good p99 +≤ 20 %; no schema name in an error',
  },
  {
    number: 21,
    name: 'sockets',
    what: 'slow and malformed sockets',
    pass: 'gone ≤ 10 s; duplicate Host or Authorization 400; 0 double answers',
    elsewhere: ['test/http/raw-sockets.test.ts', 'test/http/slow-clients.test.ts'],
  },
  {
    number: 22,
    name: 'journal-tampering',
    what: 'a journal of 50,000 entries, 200 tamperings by a database superuser',
    pass: '200 found offline with the public key and the last checkpoint',
    elsewhere: ['test/recovery/journal/tampering.test.ts'],
  },
  {
    number: 23,
    name: 'providers-away',
    what: 'identity provider away for an hour, journal database for 10 minutes',
    pass: 'known keys serve; state held for its bound, then closed; visible in health and metrics',
  },
  {
    number: 24,
    name: 'soak',
    what: 'a fault a minute, and a rolling restart',
    pass: '0 wrong, 0 foreign, ≥ 99.9 % answered, RSS ≤ 1 MB/h, descriptors flat, restart drops 0',
  },
]

/** @throws Error of one line that says which there are */
export function rowNamed(text: string): Row {
  const row = ROWS.find(({ number, name }) => name === text || String(number) === text)
  if (row === undefined)
    throw new Error(`there is no row ${JSON.stringify(text)}; there are ${ROWS.map(({ name }) => name).join(', ')}`)
  return row
}
