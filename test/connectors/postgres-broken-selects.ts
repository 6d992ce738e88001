/** SELECTs of the stock that are wrong, for `postgres-mapping.ts`, over a schema `site` with the table of the relation. */
const STOCK = {
  part_number: 'part_number',
  site_bpns: 'site_bpns',
  stock_status: 'stock_status',
  quantity_on_hand: 'quantity_on_hand',
  quantity_allocated: 'quantity_allocated',
  unit: 'unit',
  last_updated_on: 'last_updated_on',
}

/** A SELECT of the stock with other expressions for some of its columns; null leaves one out. */
export function stock(changes: Readonly<Record<string, string | null>> = {}, rest = ''): string {
  const columns = Object.entries({ ...STOCK, ...changes }).filter(([, expression]) => expression !== null)
  return `SELECT ${columns.map(([name, expression]) => `${expression} AS ${name}`).join(', ')} FROM site.part_stock ${rest}`
}

/** What makes it broken, the SELECT, and the one line that is said of it. */
type Broken = readonly (readonly [string, string, string | RegExp])[]

export const UNWHOLE: Broken = [
  [
    'ends its parentheses itself',
    `${stock()}) t, (${stock()}`,
    'its SELECT is refused: syntax error at or near ")" (SQLSTATE 42601)',
  ],
  [
    'does not end a comment',
    stock({}, '/* all'),
    /^its SELECT is refused: unterminated \/\* comment .*\(SQLSTATE 42601\)$/,
  ],
  [
    'has a second statement behind it',
    `${stock()}; DROP TABLE site.part_stock`,
    'its SELECT is refused: cannot insert multiple commands into a prepared statement (SQLSTATE 42601)',
  ],
  ['has a semicolon', stock({}, ';'), 'cannot be read: syntax error at or near ";" (SQLSTATE 42601)'],
  [
    'reads a table that is not there',
    'SELECT * FROM site.no_such_table',
    'its SELECT is refused: relation "site.no_such_table" does not exist (SQLSTATE 42P01)',
  ],
  [
    'wants a parameter',
    stock({ unit: '$1::text' }),
    /^its SELECT is refused: bind message supplies 0 .*\(SQLSTATE 08P01\)$/,
  ],
  [
    'changes data',
    'WITH gone AS (DELETE FROM site.part_stock RETURNING *) SELECT * FROM gone',
    'cannot be read: WITH clause containing a data-modifying statement must be at the top level (SQLSTATE 0A000)',
  ],
  [
    'locks rows',
    stock({}, 'FOR UPDATE'),
    'cannot be read: cannot execute SELECT FOR UPDATE in a read-only transaction (SQLSTATE 25006)',
  ],
]

export const MISTYPED: Broken = [
  ['lacks a column', stock({ unit: null }), 'column unit: expected varchar(3), there is no such column'],
  [
    'names a column in capitals',
    stock({ unit: null, '"UNIT"': 'unit' }),
    'column unit: expected varchar(3), there is no such column, only "UNIT": name it AS unit',
  ],
  ['names two columns alike', stock({ '"unit"': "'C62'" }), 'column unit: there are 2 columns of this name'],
  [
    'gives a number for text',
    stock({ unit: '1' }),
    'column unit: expected varchar(3), found integer; cast it: ::varchar',
  ],
  [
    'gives padded text',
    stock({ unit: 'unit::char(5)' }),
    /^column unit: expected varchar\(3\), found character(\(5\))?; cast it: ::varchar$/,
  ],
  [
    'gives a float for an amount',
    stock({ quantity_on_hand: '1::float8' }),
    'column quantity_on_hand: expected numeric(15,3), found double precision; cast it: ::numeric',
  ],
  [
    'gives a time without its zone',
    stock({ last_updated_on: 'last_updated_on::timestamp' }),
    'column last_updated_on: expected timestamptz(3), found timestamp without time zone; ' +
      "say which zone its times are in: AT TIME ZONE 'Europe/London'",
  ],
]
