import { tableName } from '../../demo/ddl.ts'
import type { PostgresMapping } from '../../src/connectors/postgres/mapping.ts'
import type { Column } from '../../src/systems/columns.ts'
import type { AnyRelation } from '../../src/systems/connector.ts'
import { columnName } from '../../src/systems/relation.ts'
import { partStock } from '../../src/systems/relations/parts-logistics.ts'
import { type SampleOptions, type Write, writeSample } from './postgres-sample.ts'
import { SAMPLE_RELATIONS } from './sample.ts'

/**
 * The sample as a site's own system would hold it: each relation in two tables, in columns with other names and of other
 * types, and the SELECTs that make the relations of them again.
 */
interface Encoding {
  /** SQL of the foreign value, made of the relation's. */
  readonly out: (value: string) => string
  /** SQL of the relation's value, made of the foreign one. */
  readonly back: (value: string, column: Column) => string
}

const ENCODINGS: Readonly<Record<Column['kind'], Encoding>> = {
  text: { out: value => `${value}::text`, back: (value, { sqlType }) => `${value}::var${sqlType.replace(/^var/, '')}` },
  integer: { out: value => `${value}::numeric`, back: value => `${value}::bigint` },
  decimal: { out: value => `${value}::text`, back: value => `${value}::numeric` },
  date: { out: value => `to_char(${value}, 'YYYYMMDD')`, back: value => `to_date(${value}, 'YYYYMMDD')` },
  timestamp: {
    out: value => `${value} AT TIME ZONE 'Europe/London'`,
    back: value => `${value} AT TIME ZONE 'Europe/London'`,
  },
  boolean: { out: value => `CASE WHEN ${value} THEN 'X' ELSE '' END`, back: value => `${value} = 'X'` },
  texts: {
    out: value => `array_to_json(${value})::text`,
    back: value => `ARRAY(SELECT json_array_elements_text(${value}::json))`,
  },
}

const foreignName = (property: string) => `Z_${property.toUpperCase()}`
const columnsOf = (relation: AnyRelation) => Object.entries(relation.columns)
/** The second table holds every other column. */
const tableOf = (index: number) => (index % 2 === 0 ? 'HEAD' : 'ITEM')

/** Leaves the sample itself in the schema too, beside the tables that the mapping reads. */
export async function writeForeignSample(write: Write, schema: string, options: SampleOptions = {}): Promise<void> {
  await writeSample(write, { ...options, schema })
  for (const relation of SAMPLE_RELATIONS)
    for (const table of ['HEAD', 'ITEM']) {
      const columns = columnsOf(relation).flatMap(([property, { kind }], index) =>
        tableOf(index) === table
          ? [`${ENCODINGS[kind].out(`t.${columnName(property)}`)} AS "${foreignName(property)}"`]
          : [],
      )
      const order = relation.key.map(columnName).join(', ')
      await write(
        `CREATE TABLE ${schema}."${relation.name}/${table}" AS
         SELECT row_number() OVER (ORDER BY ${order}) AS "ROW", ${columns.join(', ')} FROM ${tableName(schema, relation)} t`,
      )
    }
  await write(`CREATE TABLE ${schema}."LOADS" AS SELECT as_of AT TIME ZONE 'UTC' AS "DONE" FROM ${schema}.freshness`)
}

/** Written as people do, with a comment at its end. */
export function foreignMapping(schema: string): PostgresMapping {
  const selects = SAMPLE_RELATIONS.map(relation => {
    const columns = columnsOf(relation).map(
      ([property, column], index) =>
        `${ENCODINGS[column.kind].back(`${tableOf(index)}."${foreignName(property)}"`, column)} AS ${columnName(property)}`,
    )
    const select = `
      SELECT ${columns.join(', ')}, 'more than the relation has' AS remark
      FROM ${schema}."${relation.name}/HEAD" HEAD JOIN ${schema}."${relation.name}/ITEM" ITEM ON HEAD."ROW" = ITEM."ROW"
      -- one row for each (key`
    return [relation.name, { select }] as const
  })
  return {
    schema: null,
    freshness: `SELECT max("DONE") AT TIME ZONE 'UTC' FROM ${schema}."LOADS" -- of the last load`,
    relations: Object.fromEntries(selects),
  }
}

export function advanceForeignSql(schema: string): string {
  const place = Object.keys(partStock.columns).indexOf('lastUpdatedOn')
  return `
    WITH moved AS (UPDATE ${schema}."LOADS" SET "DONE" = $1::timestamptz AT TIME ZONE 'UTC')
    UPDATE ${schema}."part_stock/${tableOf(place)}"
    SET "${foreignName('lastUpdatedOn')}" = $1::timestamptz AT TIME ZONE 'Europe/London'`
}
