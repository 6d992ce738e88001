import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { GraphQLError, type GraphQLScalarType, parseValue } from 'graphql'
import { SCALARS } from '../../src/graphql/scalars.ts'

function scalar(name: string): GraphQLScalarType {
  const found = SCALARS[name]
  if (!found) throw new Error(`no scalar ${name}`)
  return found
}

const read = (name: string, input: unknown): unknown => scalar(name).parseValue(input)
const literal = (name: string, source: string): unknown => scalar(name).parseLiteral(parseValue(source))

/** The refusal of an input, as the partner reads it. */
function refusal(attempt: () => unknown): string {
  try {
    attempt()
  } catch (error) {
    if (error instanceof GraphQLError) return error.message
    throw error
  }
  throw new Error('was accepted')
}

const SAMPLES: Readonly<Record<string, string>> = {
  Scope: 'parts:read',
  DateTime: '2025-09-25T14:05:00.000Z',
  Date: '2025-09-25',
  Duration: 'PT24H',
  Decimal: '1843.20',
  CurrencyCode: 'GBP',
  UnitCode: 'H87',
  BPNL: 'BPNL00000003AYRE',
  BPNS: 'BPNS00000003AYRE',
  BPNA: 'BPNA00000003AYRE',
  VIN: 'SALVA2AE4EH877322',
  PartNumber: 'LR001234',
}

describe.each(Object.entries(SAMPLES))('%s', (name, sample) => {
  test('is the same text from a variable, from a literal and in an answer', () => {
    expect(read(name, sample)).toBe(sample)
    expect(literal(name, JSON.stringify(sample))).toBe(sample)
    expect(scalar(name).serialize(sample)).toBe(sample)
  })

  test('refuses what is no text', () => {
    for (const input of [1.5, true, {}, [sample], Number.NaN, 2 ** 60]) {
      expect(refusal(() => read(name, input))).toContain(`${name} must be a string`)
    }
    for (const source of ['1.5', 'true', 'SALVA', '["x"]', '{ x: 1 }']) {
      expect(refusal(() => literal(name, source))).toContain(`${name} must be a string`)
    }
  })

  test('says what is wanted and repeats at most 40 characters of the input', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 200, size: 'max' }), tail => {
        const message = refusal(() => read(name, `?${tail}`))
        expect(message).toContain(`${name} must be a string`)
        const shown = JSON.parse(/; got (".*")\./s.exec(message)?.[1] ?? 'null') as string
        expect(shown).toBe(tail.length < 40 ? `?${tail}` : `?${tail.slice(0, 39)}…`)
      }),
    )
  })

  test('never hands out what it is not, and does not show it either', () => {
    for (const value of ['?secret', '', null, undefined, new Date(0), 1.5, { secret: 1 }]) {
      expect(() => scalar(name).serialize(value)).toThrow(new TypeError(`a value inside is no ${name}`))
    }
  })

  test('hints at letters of the wrong case and at blanks around', () => {
    const swapped = sample === sample.toUpperCase() ? sample.toLowerCase() : sample.toUpperCase()
    const hasOneCase = swapped !== sample && name !== 'DateTime'
    if (hasOneCase) expect(refusal(() => read(name, swapped))).toMatch(/Write it in (upper|lower) case\.$/)
    expect(refusal(() => read(name, `${sample} `))).toMatch(/Leave out the blanks around it\.$/)
  })
})

test('every refusal names the standard behind the scalar', () => {
  const standards = {
    DateTime: 'RFC 3339',
    Date: 'ISO 8601',
    Duration: 'ISO 8601',
    CurrencyCode: 'ISO 4217',
    UnitCode: 'UN/ECE Recommendation 20',
    BPNL: 'CX-0010',
    BPNS: 'CX-0010',
    BPNA: 'CX-0010',
    VIN: 'ISO 3779',
  }
  for (const [name, standard] of Object.entries(standards)) expect(refusal(() => read(name, '?'))).toContain(standard)
})

describe('DateTime reads the examples of RFC 3339 §5.8', () => {
  test.each([
    ['1985-04-12T23:20:50.52Z', '1985-04-12T23:20:50.520Z'],
    ['1996-12-19T16:39:57-08:00', '1996-12-20T00:39:57.000Z'],
    ['1937-01-01T12:00:27.87+00:20', '1937-01-01T11:40:27.870Z'],
  ])('%s is %s', (written, instant) => {
    expect(read('DateTime', written)).toBe(instant)
    expect(literal('DateTime', JSON.stringify(written))).toBe(instant)
  })

  test.each(['1990-12-31T23:59:60Z', '1990-12-31T15:59:60-08:00'])('but refuses the leap second %s', written => {
    expect(refusal(() => read('DateTime', written))).toContain('RFC 3339')
  })
})

describe('DateTime', () => {
  test('reads any offset, any precision and lower-case letters as the same instant', () => {
    for (const written of [
      '2025-09-25T14:05:00Z',
      '2025-09-25t14:05:00z',
      '2025-09-25T15:05:00+01:00',
      '2025-09-25T14:05:00.0004Z',
    ]) {
      expect(read('DateTime', written)).toBe('2025-09-25T14:05:00.000Z')
    }
  })

  test.each([
    '2025-09-25',
    '2025-09-25T14:05:00',
    '2025-09-25T14:05Z',
    '2025-09-25 14:05:00Z',
    '2025-02-29T00:00:00Z',
    '2025-09-25T24:00:00Z',
    '2025-09-25T14:05:00+24:00',
    '0000-06-01T00:00:00Z',
    '0001-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    '+002025-09-25T14:05:00Z',
  ])('refuses %s', written => {
    expect(refusal(() => read('DateTime', written))).toContain('RFC 3339')
  })

  test('hands out UTC as it stands and nothing else', () => {
    expect(scalar('DateTime').serialize('2025-09-25T14:05:00Z')).toBe('2025-09-25T14:05:00Z')
    expect(() => scalar('DateTime').serialize('2025-09-25T14:05:00+01:00')).toThrow(TypeError)
  })

  test('keeps the instant that was written, at any offset', () => {
    const offsets = fc.tuple(
      fc.constantFrom('+', '-'),
      fc.integer({ min: 0, max: 23 }),
      fc.integer({ min: 0, max: 59 }),
    )
    const instants = fc.date({ min: new Date('1000-01-01'), max: new Date('9000-01-01'), noInvalidDate: true })
    fc.assert(
      fc.property(instants, offsets, (instant, [sign, hours, minutes]) => {
        const ahead = (sign === '+' ? 1 : -1) * (hours * 60 + minutes) * 60_000
        const local = new Date(instant.getTime() + ahead).toISOString().slice(0, -1)
        const offset = `${sign}${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`
        expect(read('DateTime', `${local}${offset}`)).toBe(instant.toISOString())
      }),
    )
  })
})

describe('Date', () => {
  test.each(['2024-02-29', '0001-01-01', '9999-12-31'])('reads %s', written => {
    expect(read('Date', written)).toBe(written)
  })

  test.each([
    '2025-02-29',
    '2025-13-01',
    '2025-9-25',
    '20250925',
    '2025-W39-4',
    '2025-268',
    '0000-01-01',
    '25/09/2025',
    '2025-09-25T00:00:00Z',
  ])('refuses %s', written => {
    expect(refusal(() => read('Date', written))).toContain('yyyy-mm-dd')
  })
})

describe('Duration', () => {
  test.each(['P3Y6M4DT12H30M5S', 'P23DT23H', 'P4Y', 'P1M', 'PT1M', 'PT36H', 'P1DT12H', 'P4W', 'PT0.5S', 'P0D'])(
    'reads %s',
    written => {
      expect(read('Duration', written)).toBe(written)
    },
  )

  test.each(['P', 'PT', 'P1YT', '24H', 'PT24', '-PT1H', 'P-1D', 'P1Y2W', 'P1H', 'PT1D', 'P1.5D', 'PT5S3M'])(
    'refuses %s',
    written => {
      expect(refusal(() => read('Duration', written))).toContain('ISO 8601')
    },
  )
})

describe('Decimal', () => {
  const digits = (min: number, max: number) =>
    fc.array(fc.integer({ min: 0, max: 9 }), { minLength: min, maxLength: max, size: 'max' }).map(all => all.join(''))
  const decimals = fc
    .record({
      sign: fc.constantFrom('', '-'),
      lead: fc.integer({ min: 1, max: 9 }),
      whole: digits(0, 18),
      fraction: digits(0, 19),
    })
    .map(({ sign, lead, whole, fraction }) => `${sign}${lead}${whole}${fraction ? `.${fraction}` : ''}`)

  test('comes back digit by digit, whatever its size', () => {
    fc.assert(
      fc.property(decimals, text => {
        const value = read('Decimal', text)
        expect(value).toBe(text)
        expect(literal('Decimal', JSON.stringify(text))).toBe(text)
        expect(JSON.parse(JSON.stringify(scalar('Decimal').serialize(value)))).toBe(text)
      }),
      { numRuns: 1000 },
    )
  })

  test('takes whole numbers as their digits: exact in a variable, of any size in a document', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), whole => {
        expect(read('Decimal', whole)).toBe(BigInt(whole).toString())
        expect(scalar('Decimal').serialize(whole)).toBe(BigInt(whole).toString())
      }),
    )
    const long = '9'.repeat(38)
    expect(literal('Decimal', long)).toBe(long)
  })

  test('never takes a float, written or not', () => {
    for (const float of [0.1, 1e21, -1.5, 2 ** 53, Number.POSITIVE_INFINITY]) {
      expect(refusal(() => read('Decimal', float))).toContain('exact decimal')
    }
    expect(refusal(() => literal('Decimal', '0.1'))).toContain('exact decimal')
  })

  test.each([
    '',
    '.5',
    '5.',
    '+1',
    '01',
    '1e3',
    '1E3',
    '1,5',
    '1 000',
    '0x1f',
    '--1',
    'NaN',
    '1'.repeat(39),
    `1.${'0'.repeat(38)}`,
  ])('refuses "%s"', written => {
    expect(refusal(() => read('Decimal', written))).toContain('at most 38 digits')
  })
})

describe('CurrencyCode', () => {
  test.each(['GBP', 'EUR', 'USD', 'JPY', 'BHD', 'XXX'])('reads %s', code => {
    expect(read('CurrencyCode', code)).toBe(code)
  })

  test('refuses a code that ISO 4217 does not list, but hands on what a system kept', () => {
    expect(refusal(() => read('CurrencyCode', 'ZZZ'))).toContain('ISO 4217')
    expect(scalar('CurrencyCode').serialize('DEM')).toBe('DEM')
  })
})

test.each(['H87', 'EA', 'SET', 'PR', 'KGM', 'LTR', 'MTR'])('UnitCode reads %s of Recommendation 20', code => {
  expect(read('UnitCode', code)).toBe(code)
})

test.each(['piece', 'E', 'H870', 'K M'])('UnitCode refuses %s', code => {
  expect(refusal(() => read('UnitCode', code))).toContain('Recommendation 20')
})

describe('VIN', () => {
  test('is read without a check digit, which only North America has', () => {
    expect(read('VIN', 'SALVA2AE4EH877322')).toBe('SALVA2AE4EH877322')
    expect(read('VIN', 'SALVA2AE0EH877322')).toBe('SALVA2AE0EH877322')
  })

  test.each([
    ['SALVA2AE4EH87732', 'too short'],
    ['SALVA2AE4EH8773220', 'too long'],
    ['SALVA2AEIEH877322', 'an I'],
    ['SALVA2AEOEH877322', 'an O'],
    ['SALVA2AEQEH877322', 'a Q'],
    ['SALVA2AE4EH87732A', 'no digit at the end'],
    ['SALVA2AE4EH87732２', 'a digit of another script'],
    ['SALVA2AE4EH877322\n', 'a line end'],
  ])('refuses %j: %s', written => {
    expect(refusal(() => read('VIN', written))).toContain('ISO 3779')
  })
})

describe('business partner numbers', () => {
  test.each(['BPNL', 'BPNS', 'BPNA'])('%s is not mistaken for another kind, length or script', kind => {
    const others = ['BPNL', 'BPNS', 'BPNA'].filter(other => other !== kind).map(other => `${other}00000003AYRE`)
    for (const written of [
      ...others,
      `${kind}00000003AYR`,
      `${kind}00000003AYREX`,
      `${kind}00000003AYR-`,
      `${kind}00000003AYRÉ`,
    ]) {
      expect(refusal(() => read(kind, written))).toContain('CX-0010')
    }
    expect(read(kind, `${kind}abcdefGHIJ12`)).toBe(`${kind}abcdefGHIJ12`)
  })
})

describe('PartNumber', () => {
  test.each(['LR001234', 'C2Z 12345', 'GX73-19H319-BD', 'A.1/2', '7', 'X'.repeat(40)])(
    'reads %s exactly as printed',
    printed => {
      expect(read('PartNumber', printed)).toBe(printed)
    },
  )

  test.each(['', ' LR001234', 'LR001234 ', '-LR', 'LR_001', 'LR001234\n', 'X'.repeat(41), 'ÄR1'])(
    'refuses %j',
    written => {
      expect(refusal(() => read('PartNumber', written))).toContain('as printed')
    },
  )

  test('is not turned into upper case, but the mistake is named', () => {
    expect(refusal(() => read('PartNumber', 'lr001234'))).toBe(
      'PartNumber must be a string: a part number as printed, at most 40 characters A-Z, 0-9, blank, ".", "/" and "-"; got "lr001234". Write it in upper case.',
    )
  })
})
