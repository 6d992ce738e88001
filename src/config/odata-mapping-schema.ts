import { z } from 'zod'
import { line } from './setting.ts'

/**
 * Where one relation comes from among OData services: an entity set or a function, joins, and a source for each column.
 * Called by `odata-schema.ts`. `docs/odata.md` explains the language.
 */

const NAME = '[A-Za-z_]\\w{0,127}'
const one = new RegExp(`^(${NAME}\\.)?${NAME}$`)
const many = new RegExp(`^${NAME}/${NAME}$`)
const either = new RegExp(`^${NAME}([./]${NAME})?$`)

const scalar = z.union([z.string().max(400), z.boolean(), z.int()], { error: 'must be text, true, false or a number' })
const value = z.union([scalar, z.null(), z.array(z.string().max(400)).max(100)], {
  error: 'must be text, true, false, a whole number, null or a list of texts',
})
const test = z.union(
  [
    scalar,
    z.null(),
    z.array(scalar).min(1),
    z.strictObject({ not: z.union([scalar, z.null(), z.array(scalar).min(1)]) }),
  ],
  { error: 'must be a value, a list of values, null, or {not: …} of these' },
)

const reference = (pattern: RegExp, example: string) =>
  z
    .string()
    .regex(pattern, { error: `must be ${example}` })
    .meta({ description: `Such as ${example}.` })
const fieldOrJoined = () => reference(one, 'a field, or join.Field')
const listed = () => reference(many, 'join/Field')

const codes = z
  .union([z.string(), z.record(z.string().max(200), scalar)], { error: 'must be the name of a table, or a mapping' })
  .meta({ description: "Translation: a table's name, or the gateway's value for each code." })
const pad = z.int().min(1).max(40).meta({ description: 'Digits that the source fills up with leading zeros.' })

const column = z
  .strictObject({
    field: fieldOrJoined().optional(),
    codes: codes.optional(),
    default: scalar.optional().meta({ description: 'Value for codes that the table does not have.' }),
    pad: pad.optional(),
    fields: z
      .array(reference(new RegExp(`^${NAME}$`), 'a field'))
      .min(2)
      .max(5)
      .optional(),
    separator: z.string().min(1).max(3).optional(),
    constant: value.optional(),
    derive: z
      .array(
        z.strictObject({
          when: z.record(reference(either, 'Field, join.Field, join/Field or join'), test).optional(),
          is: value,
        }),
      )
      .min(1)
      .max(100)
      .optional(),
    collect: listed().optional(),
    sum: listed().optional(),
    min: listed().optional(),
    max: listed().optional(),
    negate: z.boolean().optional().meta({ description: 'Turns the sign of a sum.' }),
    asOf: z.literal(true).optional().meta({ description: 'The time the reading is as of.' }),
  })
  .superRefine((entry, context) => {
    const kinds = (['field', 'fields', 'constant', 'derive', 'collect', 'sum', 'min', 'max', 'asOf'] as const).filter(
      kind => entry[kind] !== undefined,
    )
    const problem = (message: string) => context.addIssue({ code: 'custom', message })
    if (kinds.length !== 1)
      return problem('must have exactly one of field, fields, constant, derive, collect, sum, min, max, asOf')
    const only = (member: 'codes' | 'default' | 'pad' | 'separator' | 'negate', kind: string) => {
      if (entry[member] !== undefined && !kind.split(' ').includes(kinds[0] ?? ''))
        problem(`must have ${member} only beside ${kind}`)
    }
    only('codes', 'field collect')
    only('default', 'field collect')
    only('pad', 'field')
    only('separator', 'fields')
    only('negate', 'sum')
    if (entry.default !== undefined && entry.codes === undefined) problem('must have default only beside codes')
    if (entry.fields !== undefined && entry.separator === undefined) problem('must have separator beside fields')
  })

const parameter = z
  .strictObject({
    column: z.string().optional().meta({ description: 'Column of the relation, part of its key.' }),
    constant: scalar.optional(),
    now: z.literal(true).optional().meta({ description: 'The time of the call.' }),
  })
  .refine(entry => [entry.column, entry.constant, entry.now].filter(each => each !== undefined).length === 1, {
    error: 'must have exactly one of column, constant, now',
  })

/** A text stands for the one member that is meant nearly always; the message is that of the form that was written. */
function shorthand<S extends z.ZodType<object>, M extends string>(schema: S, member: M, pattern: RegExp, be: string) {
  const short = z
    .string()
    .regex(pattern)
    .transform(text => ({ [member]: text }) as unknown as z.output<S>)
  return z.union([schema, short], {
    error: issue => {
      if (typeof issue.input === 'string' || issue.code !== 'invalid_union') return `must be ${be}`
      const [first] = issue.errors[0] ?? []
      if (first === undefined) return `must be ${be}`
      return `${first.path.length > 0 ? `at ${first.path.join('.')}: ` : ''}${first.message}`
    },
  })
}

type NameSchema = (is: string) => z.ZodType<string>

/** `service` and `field` are the schemas of a service's path and of a field's name. */
export function odataRelationSchema(service: () => z.ZodType<string>, field: NameSchema) {
  const where = line({ is: 'Condition in the words of $filter that always holds' })
  const concatenated = z.array(fieldOrJoined()).min(2).max(5)
  const join = z.strictObject({
    service: service().optional(),
    entitySet: field('Entity set that is joined'),
    where: where.optional(),
    on: z
      .record(
        z.string().regex(new RegExp(`^${NAME}$`), { error: 'must be a field of the joined entity set' }),
        z.union([reference(either, 'a field, join.Field or join/Field'), concatenated], {
          error: 'must be a field, join.Field, join/Field, or a list of fields that are put together',
        }),
      )
      .meta({ description: 'Fields of the joined entity set that equal fields of this one.' }),
    many: z.literal(true).optional().meta({ description: 'Any number of joined rows, not one at most.' }),
  })
  return z
    .strictObject({
      service: service().optional(),
      entitySet: field('Entity set that holds the rows').optional(),
      where: where.optional(),
      function: field('Function that gives one row a call, for lookups only').optional(),
      parameters: z
        .record(
          z.string().regex(new RegExp(`^${NAME}$`), { error: 'must be the name of a parameter' }),
          shorthand(parameter, 'column', /^[a-z][a-z0-9_]{0,62}$/, 'a column of the key, or {column | constant | now}'),
        )
        .optional()
        .meta({ description: "The function's parameters." }),
      absent: z
        .array(line({ is: 'Code' }))
        .optional()
        .meta({ description: 'Error codes with which the function says that there is no such row.' }),
      columns: z
        .record(
          z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, { error: 'must be the name of a column, such as part_number' }),
          shorthand(column, 'field', one, 'a field, join.Field, or a mapping that says more'),
        )
        .meta({ description: 'The source of each column of the relation.' }),
      joins: z
        .record(z.string().regex(new RegExp(`^${NAME}$`), { error: 'must be a name' }), join)
        .prefault({})
        .meta({ description: 'Further entity sets, each read once for all rows of a page or lookup, in this order.' }),
    })
    .superRefine((relation, context) => {
      const problem = (message: string) => context.addIssue({ code: 'custom', message })
      if ((relation.entitySet === undefined) === (relation.function === undefined))
        problem('must have entitySet or function, exactly one of them')
      if ((relation.function === undefined) !== (relation.parameters === undefined))
        problem('must have parameters beside function, and only there')
      if (relation.function !== undefined && relation.where !== undefined)
        problem('must have where only beside entitySet')
    })
}
