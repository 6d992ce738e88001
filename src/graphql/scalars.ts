import type { GraphQLScalarType } from 'graphql'
import { GraphQLCurrency } from 'graphql-scalars'
import { BPNA, BPNL, BPNS } from '../model/business-partner-number.ts'
import { CURRENCY_CODE, PART_NUMBER, UNIT_CODE, VIN } from '../model/identifiers.ts'
import { createTextScalar, parsedBy } from './scalars/text-scalar.ts'
import { date, dateTime, duration } from './scalars/time.ts'

/**
 * The schema's scalars by name: how each is read from a partner and given to one. `schema.ts` puts them into the
 * schema. What they mean is said in `schema/scalars.graphql`, and nowhere else.
 */

const bpnl = createTextScalar({
  name: 'BPNL',
  accepts: 'BPNL and 12 letters or digits (Catena-X business partner number of a legal entity, CX-0010)',
  form: BPNL,
})

const bpns = createTextScalar({
  name: 'BPNS',
  accepts: 'BPNS and 12 letters or digits (Catena-X business partner number of a site, CX-0010)',
  form: BPNS,
})

const bpna = createTextScalar({
  name: 'BPNA',
  accepts: 'BPNA and 12 letters or digits (Catena-X business partner number of an address, CX-0010)',
  form: BPNA,
})

const vin = createTextScalar({
  name: 'VIN',
  accepts: '17 characters A-Z and 0-9 without I, O and Q, the last four digits (ISO 3779)',
  form: VIN,
})

const partNumber = createTextScalar({
  name: 'PartNumber',
  accepts: 'a part number as printed, at most 40 characters A-Z, 0-9, blank, ".", "/" and "-"',
  form: PART_NUMBER,
})

/** Exact at any size: text inside and out, never a JavaScript number. */
const decimal = createTextScalar({
  name: 'Decimal',
  accepts: 'an exact decimal such as "1843.20", at most 38 digits, without exponent',
  form: /^(?!(?:\D*\d){39})-?(?:0|[1-9]\d*)(?:\.\d+)?$/,
  acceptsIntegers: true,
})

/** Partners may ask with the codes of today's list; what a system kept under an older one is still given. */
const currencyCode = createTextScalar({
  name: 'CurrencyCode',
  accepts: 'an alphabetic currency code such as GBP (ISO 4217)',
  form: CURRENCY_CODE,
  parse: text => (CURRENCY_CODE.test(text) ? parsedBy(GraphQLCurrency, text) : null),
})

const unitCode = createTextScalar({
  name: 'UnitCode',
  accepts: 'a unit code such as H87, EA or KGM (UN/ECE Recommendation 20)',
  form: UNIT_CODE,
})

const scope = createTextScalar({
  name: 'Scope',
  accepts: 'a scope such as parts:read, subject and action in lower case (a scope token of RFC 6749)',
  form: /^[a-z]+:[a-z]+$/,
})

export const SCALARS: Readonly<Record<string, GraphQLScalarType>> = Object.fromEntries(
  [scope, dateTime, date, duration, decimal, currencyCode, unitCode, bpnl, bpns, bpna, vin, partNumber].map(scalar => [
    scalar.name,
    scalar,
  ]),
)
