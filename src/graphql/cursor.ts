import { GatewayError } from '../model/errors.ts'
import { canonicalJson, keyOf } from '../model/key.ts'
import type { AnyRelation } from '../systems/connector.ts'
import type { Row, Value } from '../systems/relation.ts'

/**
 * Cursors: the place of a record in its list, as the values of the list's order. A cursor names its list and filter, so
 * one of another list is refused. It holds no right: rows are filtered by owner whatever a cursor says.
 */
export interface CursorList {
  encode(row: Row): string
  /** The order values to go on after; throws `BAD_USER_INPUT` for anything that is not a cursor of this list. */
  decode(cursor: string): readonly Value[]
}

const MAX_CURSOR_LENGTH = 1024

/** The cursors of one list: a relation under one filter. */
export function cursorList(relation: AnyRelation, filter: unknown): CursorList {
  const list = keyOf(relation.name, canonicalJson(filter ?? null)).slice(0, 12)
  const { columns } = relation.order
  return {
    encode: row => Buffer.from(JSON.stringify([list, ...columns.map(column => row[column])])).toString('base64url'),
    decode(cursor) {
      const [named, ...values] = cursor.length <= MAX_CURSOR_LENGTH ? parts(cursor) : []
      const place = columns.map((column, index) => relation.columns[column]?.schema.safeParse(values[index]))
      if (named !== list || values.length !== columns.length || !place.every(value => value?.success)) {
        throw new GatewayError('BAD_USER_INPUT', 'after: is not a cursor of this list under this filter.', {
          details: { argument: 'after' },
        })
      }
      return place.map(value => value?.data as Value)
    },
  }
}

function parts(cursor: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    return Array.isArray(parsed) ? parsed : []
  } catch {
    return []
  }
}
