import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseLine } from '../../src/commands/report/entry.ts'
import { outcomeOf } from '../../src/http/access-outcome.ts'
import { type Audit, auditErrors, auditWarnings, createAudit, observerOf } from '../../src/http/audit.ts'
import { exchangeOf } from '../../src/http/exchange.ts'
import { createRequestLines } from '../../src/http/request-line.ts'

/** The lines of requests with these audits, as they would stand in a file. */
function linesOf(audits: readonly Partial<Audit>[]): string {
  let text = ''
  const lines = createRequestLines({
    write(members, waiting) {
      text += `{"time":"2025-10-07T09:00:00.000Z",${members}}\n`
      waiting?.release(true)
    },
    flush() {},
  })
  for (const audit of audits) {
    const request = new IncomingMessage(new Socket())
    Object.assign(exchangeOf(request).audit, audit)
    lines.tell(new ServerResponse(request), true, { release() {} })
  }
  return text
}

const word = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.string({ unit: 'grapheme', maxLength: 400 }),
  fc.constantFrom(
    'a"}\n{"time":"2025-10-07T09:00:00.000Z","requestId":"forged"',
    '\r\n',
    '\u2028\u2029\u0085',
    '\u001b[2J\u001b]0;title\u0007',
    '\u202egnp.exe',
    '\\',
    '__proto__',
    'x'.repeat(10_000),
    '\ud800',
  ),
)
const words = fc.array(word, { maxLength: 5 })
const anyAudit = fc.record({
  partner: fc.option(word),
  client: fc.option(word),
  operation: fc.option(word),
  systems: words.map(names => new Set(names) as Audit['systems'] & Set<string>) as fc.Arbitrary<Audit['systems']>,
  codes: words,
  refusals: fc.array(fc.record({ system: word, code: word, state: fc.option(word) }), { maxLength: 3 }),
  lastKnown: words.map(names => new Map(names.map(name => [name, 0]))),
  stream: fc.option(fc.record({ events: fc.nat(), why: fc.option(word) })),
})

test('whatever words come, each request is one line that can be read, bounded and fit for a terminal', () => {
  fc.assert(
    fc.property(fc.array(anyAudit, { maxLength: 10 }), audits => {
      const text = linesOf(audits)
      const lines = text.split('\n').slice(0, -1)
      expect(lines).toHaveLength(audits.length)
      for (const line of lines) {
        expect(parseLine(line)).not.toBeNull()
        expect(line.length).toBeLessThan(60_000)
      }
      expect(text).not.toMatch(/[^\P{Cc}\n]|[\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u)
    }),
    { numRuns: 200 },
  )
})

describe('what became of a request', () => {
  const systems = new Set(['PARTS_LOGISTICS', 'WHOLESALE_FINANCE'] as const)
  const closed = {
    message: 'Not open.',
    extensions: { code: 'SYSTEM_NOT_OPEN', system: 'WHOLESALE_FINANCE', lifecycle: 'SUSPENDED' },
  }
  const both = [closed, { message: 'Not open.', extensions: { ...closed.extensions, system: 'PARTS_LOGISTICS' } }]
  const CASES: readonly (readonly [what: string, Partial<Audit>, number, string, string | null])[] = [
    ['made for it', { systems, answer: 'MISS' }, 200, 'LIVE', 'SYSTEM'],
    ['by way of the protocol', { systems, answer: 'PROTOCOL' }, 200, 'LIVE', 'SYSTEM'],
    ['finished before', { systems, answer: 'HIT' }, 200, 'CACHED', 'SYSTEM'],
    ["made for another's request", { systems, answer: 'SHARED' }, 200, 'CACHED', 'SYSTEM'],
    ['with nothing of a system in it', { answer: 'HIT' }, 304, 'CACHED', null],
    ['refused as a whole', { systems, answer: 'MISS' }, 503, 'REFUSED', null],
    ['a document that is not known', { codes: ['PERSISTED_QUERY_NOT_FOUND'] }, 200, 'REFUSED', null],
  ]
  test.each(CASES)('%s', (_what, audit, status, decision, origin) => {
    expect(outcomeOf({ ...createAudit(), ...audit }, status, true)).toEqual({ decision, origin })
    expect(outcomeOf({ ...createAudit(), ...audit }, status, false)).toEqual({ decision: 'LEFT', origin: null })
  })

  test('errors of one system leave what another gave, errors of all leave nothing', () => {
    const audit: Audit = { ...createAudit(), systems, answer: 'MISS' }
    auditErrors(audit, [closed, closed], { invoices: null, part: {} })
    expect(audit.codes).toEqual(['SYSTEM_NOT_OPEN'])
    expect(audit.refusals).toEqual([{ system: 'WHOLESALE_FINANCE', code: 'SYSTEM_NOT_OPEN', state: 'SUSPENDED' }])
    expect(outcomeOf(audit, 200, true)).toEqual({ decision: 'LIVE', origin: 'SYSTEM' })
    auditErrors(audit, both, { invoices: null, part: null })
    expect(outcomeOf(audit, 200, true)).toEqual({ decision: 'REFUSED', origin: null })
    auditErrors(audit, both, { invoices: null, part: null, restartStatus: {} })
    expect(outcomeOf(audit, 200, true)).toEqual({ decision: 'LIVE', origin: null })
  })

  test('one read that failed does not hide what another gave of the same system', () => {
    const audit: Audit = { ...createAudit(), systems, answer: 'MISS' }
    const late = (system: string) => ({ message: 'Late.', extensions: { code: 'DEADLINE_EXCEEDED', system } })
    const errors = [...systems].map(late)
    auditErrors(audit, errors, { late: null, part: {} })
    expect(outcomeOf(audit, 200, true)).toEqual({ decision: 'LIVE', origin: 'SYSTEM' })
    auditErrors(audit, errors, { late: null })
    expect(outcomeOf(audit, 200, true)).toEqual({ decision: 'REFUSED', origin: null })
  })

  test('what the protocol refused is of the systems that its errors name', () => {
    const audit: Audit = { ...createAudit(), systems, answer: 'PROTOCOL' }
    const closed = { code: 'SYSTEM_NOT_OPEN', system: 'PARTS_LOGISTICS', lifecycle: 'SUSPENDED' }
    const errors = [closed, { code: 'BAD_USER_INPUT' }].map(extensions => ({ message: 'No.', extensions }))
    observerOf(audit, new Map()).failed(errors, { part: null })
    expect(audit.codes).toEqual(['SYSTEM_NOT_OPEN', 'BAD_USER_INPUT'])
    expect(audit.refusals).toEqual([{ system: 'PARTS_LOGISTICS', code: 'SYSTEM_NOT_OPEN', state: 'SUSPENDED' }])
    expect(outcomeOf(audit, 200, true)).toEqual({ decision: 'REFUSED', origin: null })
  })

  test('a warning makes it last known good, with its systems and its age', () => {
    const audit: Audit = { ...createAudit(), systems, answer: 'MISS' }
    const warning = { code: 'LAST_KNOWN_GOOD', system: 'PARTS_LOGISTICS', readAt: new Date(0).toISOString() }
    auditWarnings(audit, { warnings: [warning, { code: 'OTHER' }] })
    expect(outcomeOf(audit, 200, true)).toEqual({ decision: 'LAST_KNOWN_GOOD', origin: 'LAST_KNOWN_GOOD' })
    expect(JSON.parse(linesOf([audit]))).toMatchObject({
      systems: [...systems],
      lastKnownGood: ['PARTS_LOGISTICS'],
      ageSeconds: expect.any(Number),
    })
  })
})
