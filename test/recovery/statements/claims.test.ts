import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { MAX_REASON, reasonOf } from '../../../src/recovery/statements/kinds/automatic-closing.ts'
import { kindNamed, STATEMENT_KINDS } from '../../../src/recovery/statements/statement-kinds.ts'
import { instant } from '../../../src/recovery/statements/vocabulary.ts'
import { hours, sampleClaims } from './sample.ts'

/** Claims of every kind that samples leave out, so that each is met. */
const OPTIONAL: Readonly<Record<string, object>> = {
  'automatic-closing': { distrust_since: hours(-1) },
  'indicator-report': { distrust_since: hours(-1) },
  'lifecycle-transition': { occurred_at: hours(-1), reconciled_through: hours(-1) },
  'planned-reopening': { scheduled_until: hours(30) },
  'restart-update': {
    headline: 'News.',
    public_facets: ['RESTART', 'SYSTEMS', 'BACKLOGS'],
    next_update_by: hours(1),
    systems: { PARTS_LOGISTICS: { next_update_by: null, reconciled_through: hours(-1), known_limitations: ['None.'] } },
  },
}

const ODD: readonly unknown[] = [
  '9998-12-31T23:59:59-12:00',
  '1000-01-01T00:00+14:00',
  '1000-01-01T00:00:00Z',
  '9998-12-31T23:59:59.9999Z',
  '2025-10-06T08:00+02:00',
  'constructor',
  'toString',
  '-0',
  '-0.0000000001',
  `${'9'.repeat(30)}.${'9'.repeat(10)}`,
  '\u200b',
  '\ufffe',
  'x'.repeat(2_000),
  'P1W',
  'PT0S',
  -0,
  0,
  1,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 53 - 1,
  0.1,
  null,
  true,
  [],
  {},
  { constructor: { rows: 1 } },
  { part: { rows: 1, sums: { constructor: '1', valueOf: '-0' } } },
]

/** Any time of the calendar in any offset that RFC 3339 can write. */
const times = fc
  .record({
    ms: fc.integer({ min: Date.parse('0999-12-30T00:00:00Z'), max: Date.parse('9999-12-31T00:00:00Z') }),
    edge: fc.constantFrom(null, '1000-01-01T', '9998-12-31T', '9999-01-01T', '0999-12-31T'),
    offset: fc.constantFrom('Z', '+14:00', '-12:00', '+23:59', '-23:59'),
  })
  .map(({ ms, edge, offset }) => {
    const [date = '', time = ''] = new Date(ms).toISOString().slice(0, -1).split('T')
    return `${edge ?? `${date}T`}${time}${offset}`
  })

describe('the claims of every kind', () => {
  test('once parsed are parsed again to the same, so that what is read can be signed', () => {
    const kinds = fc.constantFrom(...STATEMENT_KINDS.map(({ kind }) => kind))
    const edits = fc.array(fc.tuple(fc.nat(), fc.oneof(fc.constantFrom(...ODD), times)), { maxLength: 3 })
    let parsed = 0
    fc.assert(
      fc.property(kinds, edits, (kind, changes) => {
        const whole: object = { ...sampleClaims(kind), ...OPTIONAL[kind] }
        const claims = changes.reduce<unknown>((before, [place, value]) => {
          const places = placesIn(before).slice(1)
          return placed(before, places[place % places.length] ?? [], value)
        }, whole)
        const schema = kindNamed(kind).claims
        const once = schema.safeParse(claims)
        if (!once.success) return
        parsed++
        expect(schema.parse(once.data)).toEqual(once.data)
        expect(schema.parse(JSON.parse(JSON.stringify(once.data)))).toEqual(JSON.parse(JSON.stringify(once.data)))
      }),
      { numRuns: 4_000 },
    )
    expect(parsed).toBeGreaterThan(500)
  })
})

describe('a time', () => {
  test.each(['9998-12-31T23:59:59-12:00', '1000-01-01T00:00+14:00', '9999-01-01T00:00:00+01:00'])(
    'that its offset leads out of the calendar, or nearly, is taken only where it can be written again: %s',
    written => {
      const parsed = instant.safeParse(written)
      expect(parsed.success).toBe(written.startsWith('9999-01-01'))
      if (parsed.success) expect(instant.parse(parsed.data)).toBe(parsed.data)
    },
  )
})

describe('a count of a backlog', () => {
  test.each(['open', 'cleared_last_24h'])('is one that partners can be given: %s', name => {
    const { claims } = kindNamed('backlog-measure')
    const counted = (count: number) => claims.safeParse(sampleClaims('backlog-measure', { [name]: count })).success
    expect([2_147_483_647, 2_147_483_648].map(counted)).toEqual([true, false])
  })
})

describe('the reason of a closing', () => {
  test('can be signed, whatever the words were', () => {
    const { claims } = kindNamed('automatic-closing')
    const words = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary', minLength: MAX_REASON - 5, maxLength: MAX_REASON + 5 }),
      fc.constantFrom('', '\ud800', `${'x'.repeat(MAX_REASON - 4)}👩🏽‍🔧👩🏽‍🔧`, 'all clear\u001b[2J\u009b'),
    )
    fc.assert(
      fc.property(words, said => {
        const reason = reasonOf(said)
        expect(claims.safeParse(sampleClaims('automatic-closing', { reason })).success).toBe(true)
        expect(reasonOf(reason)).toBe(reason)
      }),
    )
  })

  test('is left as it is where it can be signed', () => {
    expect(reasonOf('Silent:\n\tfor 6 h – “long”.')).toBe('Silent:\n\tfor 6 h – “long”.')
  })
})

type Place = readonly string[]

function placesIn(value: unknown, place: Place = []): readonly Place[] {
  if (value === null || typeof value !== 'object') return [place]
  return [place, ...Object.entries(value).flatMap(([name, inner]) => placesIn(inner, [...place, name]))]
}

function placed(whole: unknown, [name, ...rest]: Place, value: unknown): unknown {
  if (name === undefined) return value
  if (Array.isArray(whole))
    return whole.map((inner, index) => (String(index) === name ? placed(inner, rest, value) : inner))
  const members = new Map(Object.entries(Object(whole)))
  return Object.fromEntries(members.set(name, placed(members.get(name), rest, value)))
}
