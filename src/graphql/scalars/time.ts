import { GraphQLDateTime, GraphQLLocalDate } from 'graphql-scalars'
import { createTextScalar, parsedBy } from './text-scalar.ts'

/**
 * Instants, calendar dates and durations. Inside they are canonical text and never a `Date`, so that a record is the
 * same from a system, a file and a cache. Years are 0001 to 9999: four digits, and no year 0, which databases refuse.
 */
const YEAR = /^(?!0000)\d{4}-/

/** RFC 3339. Input is turned into UTC with milliseconds, as `timestamp()` columns have it; leap seconds are refused. */
export const dateTime = createTextScalar({
  name: 'DateTime',
  accepts: 'a date-time with an offset, such as 2025-09-25T14:05:00Z (RFC 3339)',
  form: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/,
  parse(text) {
    const instant = parsedBy(GraphQLDateTime, text)?.toISOString()
    return instant !== undefined && YEAR.test(instant) ? instant : null
  },
})

/** ISO 8601 calendar date. */
export const date = createTextScalar({
  name: 'Date',
  accepts: 'a calendar date yyyy-mm-dd, such as 2025-09-25 (ISO 8601)',
  form: /^\d{4}-\d\d-\d\d$/,
  parse: text => (YEAR.test(text) ? parsedBy(GraphQLLocalDate, text) : null),
})

/** ISO 8601-1: weeks alone, or years to seconds; no sign, and a fraction in the seconds only. */
export const duration = createTextScalar({
  name: 'Duration',
  accepts: 'a duration such as PT24H, P1DT12H or P2W (ISO 8601)',
  form: /^P(?:\d+W|(?=\d|T\d)(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:[.,]\d+)?S)?)?)$/,
})
