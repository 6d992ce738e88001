import { z } from 'zod'
import { BPNL, BPNS } from '../model/business-partner-number.ts'
import { CURRENCY_CODE, PART_NUMBER, UNIT_CODE, VIN } from '../model/identifiers.ts'
import {
  isNeverPlain,
  isPlainBoolean,
  isPlainCode,
  isPlainDate,
  isPlainDecimal,
  isPlainInteger,
  isPlainPattern,
  isPlainText,
  isPlainTimestamp,
  type PlainCheck,
} from './column-checks.ts'

/**
 * Column types of relations: what a value looks like inside the gateway, in SQL, and how it is checked at the border.
 * Inside, every value is JSON-safe: decimals are strings of fixed scale, dates `yyyy-mm-dd`, times RFC 3339 in UTC
 * with milliseconds, so that a record is the same from a database, a file and a cache.
 */
export type ColumnKind = 'text' | 'integer' | 'decimal' | 'date' | 'timestamp' | 'boolean' | 'texts'

export interface Column<T = unknown> {
  readonly kind: ColumnKind
  /** Type in PostgreSQL's words. */
  readonly sqlType: string
  readonly optional: boolean
  readonly schema: z.ZodType<T>
  /** Whether the schema certainly accepts a value and leaves it as it is; much cheaper than the schema. */
  readonly isPlain: PlainCheck
  /** The value names a site of the gateway's own directory. */
  readonly isSite?: true
}

export type ValueOf<C> = C extends Column<infer T> ? T : never

function column<T>(kind: ColumnKind, sqlType: string, schema: z.ZodType<T>, isPlain: PlainCheck): Column<T> {
  return { kind, sqlType, optional: false, schema, isPlain }
}

/** Text of at most `max` characters. Empty text is refused: a missing value is null, in an optional column. */
export const text = (max = 400): Column<string> =>
  column('text', `varchar(${max})`, z.string().min(1).max(max), isPlainText(1, max))

/** Text of exactly `length` characters. */
export const char = (length: number): Column<string> =>
  column('text', `char(${length})`, z.string().length(length), isPlainText(length, length))

/** Text that matches a standard's pattern; `what` names the standard's term in the message. */
const pattern = (what: string, max: number, regex: RegExp): Column<string> =>
  column('text', `varchar(${max})`, z.string().max(max).regex(regex, `is not a ${what}`), isPlainPattern(max, regex))

/** zod names an enum's values by a mapping, which the compiler does not resolve for a generic list. */
const codeIn = <const V extends readonly [string, ...string[]]>(values: V) =>
  z.enum(values) as unknown as z.ZodType<V[number]>

/** One of a closed list of codes. */
export const oneOf = <const V extends readonly [string, ...string[]]>(values: V): Column<V[number]> =>
  column('text', 'varchar(40)', codeIn(values), isPlainCode(values))

/** Any number of codes out of a closed list. */
export const someOf = <const V extends readonly [string, ...string[]]>(values: V): Column<readonly V[number][]> =>
  column('texts', 'text[]', z.array(codeIn(values)), isNeverPlain)

export const texts = (): Column<readonly string[]> =>
  column('texts', 'text[]', z.array(z.string().min(1)), isNeverPlain)

export const integer = (): Column<number> => column('integer', 'integer', z.int32(), isPlainInteger)

export const boolean = (): Column<boolean> => column('boolean', 'boolean', z.boolean(), isPlainBoolean)

/** Digits enough for any padding; more would only cost time. */
const MAX_DECIMAL_LENGTH = 100

/** Exact decimal with `scale` digits after the point, carried as a string and never as a float. */
export function decimal(precision: number, scale: number): Column<string> {
  const form = /^(-?)(\d+)(?:\.(\d+))?$/
  const schema = z
    .string()
    .max(MAX_DECIMAL_LENGTH)
    .transform((value, context) => {
      const [, sign, whole, fraction = ''] = form.exec(value) ?? []
      const kept = fraction.replace(/0+$/, '')
      if (whole === undefined || kept.length > scale || whole.replace(/^0+/, '').length > precision - scale) {
        context.addIssue({ code: 'custom', message: `is not a numeric(${precision},${scale}) written as text` })
        return z.NEVER
      }
      const digits = `${whole.replace(/^0+(?=\d)/, '')}${scale > 0 ? `.${kept.padEnd(scale, '0')}` : ''}`
      return sign === '-' && /[1-9]/.test(digits) ? `-${digits}` : digits
    })
  return column('decimal', `numeric(${precision},${scale})`, schema, isPlainDecimal(precision, scale))
}

/** Money: `numeric(18,2)`; its ISO 4217 currency stands in a column beside it. */
export const money = (): Column<string> => decimal(18, 2)

/** Quantity: `numeric(15,3)`; its UN/ECE Recommendation 20 unit stands in a column beside it. */
export const quantity = (): Column<string> => decimal(15, 3)

export const date = (): Column<string> => column('date', 'date', z.iso.date(), isPlainDate)

/** An instant of the years 0001 to 9999; any RFC 3339 offset is accepted and turned into UTC with milliseconds. */
export const timestamp = (): Column<string> =>
  column(
    'timestamp',
    // Milliseconds, which is what a record holds: finer times would part a row from its own cursor.
    'timestamptz(3)',
    z.iso
      .datetime({ offset: true })
      .transform(value => new Date(value).toISOString())
      .refine(value => /^(?!0000)\d{4}-/.test(value), 'is not in the years 0001 to 9999'),
    isPlainTimestamp,
  )

/** The same column where the system may not know the value: null inside, never undefined. */
export const optional = <T>(inner: Column<T>): Column<T | null> => ({
  ...inner,
  optional: true,
  schema: inner.schema.nullish().transform(value => value ?? null),
  isPlain: value => value === null || inner.isPlain(value),
})

export const bpnl = (): Column<string> => pattern('BPNL (CX-0010)', 16, BPNL)
export const bpns = (): Column<string> => ({ ...pattern('BPNS (CX-0010)', 16, BPNS), isSite: true })
export const vin = (): Column<string> => pattern('VIN (ISO 3779)', 17, VIN)
export const partNumber = (): Column<string> => pattern('part number', 40, PART_NUMBER)
export const currency = (): Column<string> => pattern('ISO 4217 currency code', 3, CURRENCY_CODE)
export const unit = (): Column<string> => pattern('UN/ECE Recommendation 20 unit code', 3, UNIT_CODE)
