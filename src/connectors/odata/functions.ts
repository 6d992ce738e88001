import type { Clock } from '../../model/clock.ts'
import type { RawRow } from '../../systems/connector.ts'
import { columnName, type Row } from '../../systems/relation.ts'
import type { Operand } from '../operand.ts'
import type { CheckedLookup } from '../query.ts'
import { visibilityTest } from '../row-test.ts'
import { resultOf } from './answer.ts'
import type { Cell } from './edm.ts'
import { ServiceError } from './failure.ts'
import { type Dialect, padded } from './filter.ts'
import { type JoinOptions, withJoins } from './joins.ts'
import { literalOf } from './literal.ts'
import type { Mapping } from './mapping.ts'
import type { FunctionShape } from './metadata.ts'
import { encoded } from './requests.ts'
import { type Entity, rowOf } from './row.ts'
import { entityOf } from './service.ts'
import { fieldsOf } from './shapes.ts'
import { together } from './together.ts'

/**
 * Lookups of relations that a function gives, one call per key: each key is made whole by the sites that the viewer may
 * see. Called by the connector. A function is only ever called by GET.
 */
type FunctionOrigin = Extract<Mapping['origin'], { kind: 'function' }>

/** More at once is a question that the source should answer beforehand, in a table. */
const MAX_CALLS = 2_000

interface Call {
  readonly path: string
  /** The parameters that are columns, as the function was given them. */
  readonly given: Entity
}

export interface FunctionOptions extends JoinOptions {
  readonly clock: Clock
}

export async function functionLookup(
  options: FunctionOptions,
  dialect: Dialect,
  origin: FunctionOrigin,
  shape: FunctionShape,
  checked: CheckedLookup,
  asOf: string,
  signal: AbortSignal,
): Promise<readonly RawRow[]> {
  const { mapping, shapes } = dialect
  const calls = functionCalls(options, dialect, origin, shape, checked)
  const entities = await together(calls, options.concurrency, signal, async ({ path, given }, signal) => {
    const text = await options.client.get(mapping.service, path, 'json', signal).catch((thrown: unknown) => {
      if (thrown instanceof ServiceError && thrown.code !== null && origin.absent.includes(thrown.code)) return null
      throw thrown
    })
    const result = text === null ? null : resultOf(options.version, text, origin.name, options.system)
    return result === null
      ? null
      : { ...entityOf(options.system, result, fieldsOf(mapping, null), shape.result), ...given }
  })
  const found = entities.filter(entity => entity !== null)
  const assembled = await withJoins(options, mapping, shapes, mapping.joins, found, signal)
  const isVisible = visibilityTest(checked.visible)
  return assembled.map(each => rowOf(options.system, mapping, each, asOf)).filter(row => isVisible(row as Row))
}

function functionCalls(
  { version, clock, client, maxUrlLength }: FunctionOptions,
  { mapping }: Dialect,
  origin: FunctionOrigin,
  shape: FunctionShape,
  checked: CheckedLookup,
): readonly Call[] {
  const calls = wholeKeys(mapping, checked).flatMap((key): readonly Call[] => {
    const given: Record<string, Cell> = {}
    const parameters: (readonly [string, string])[] = []
    for (const parameter of origin.parameters) {
      const property = shape.parameters.get(parameter.name)
      if (property === undefined) throw new Error(`the function ${origin.name} has no parameter ${parameter.name}`)
      const value = parameterValue(parameter)
      const literal = value === null ? null : literalOf(version, property, value)
      if (literal === null) return []
      if (parameter.kind === 'column') given[parameter.name] = String(value)
      parameters.push([parameter.name, literal])
    }
    const path = callPath(parameters)
    if (client.urlOf(mapping.service, path).length > maxUrlLength)
      throw new Error(`relation ${mapping.relation.name}: a call does not fit in a URL of maxUrlLength`)
    return [{ path, given }]

    function parameterValue(parameter: (typeof origin.parameters)[number]): Operand | null {
      if (parameter.kind === 'constant') return parameter.value
      if (parameter.kind === 'now') return new Date(clock.now()).toISOString()
      return sourceValue(mapping, parameter.column, key.get(parameter.column) ?? '')
    }
  })
  if (calls.length <= MAX_CALLS) return calls
  throw new Error(`relation ${mapping.relation.name}: a lookup of ${calls.length} calls, the most being ${MAX_CALLS}`)

  function callPath(parameters: readonly (readonly [string, string])[]): string {
    const pairs = parameters.map(([name, literal]) => `${name}=${encoded(literal)}`)
    return version === 'V2'
      ? `${origin.name}?${[...pairs, '$format=json'].join('&')}`
      : `${origin.name}(${pairs.join(',')})`
  }
}

/** The code that a function is given for a value; null: no row can have it. */
function sourceValue({ relation, sources }: Mapping, name: string, value: Operand): Operand | null {
  const source = sources.get(name)
  if (source?.kind !== 'field' || !relation.columns[name]?.schema.safeParse(value).success) return null
  const code =
    source.codes === null ? value : source.codes.values.includes(value) ? source.codes.codesOf(value)[0] : undefined
  return code === undefined || source.pad === null ? (code ?? null) : padded(String(code), source.pad)
}

/** The keys that are looked up, with the columns that they leave out filled from what is visible. */
function wholeKeys({ relation, sources }: Mapping, { columns, keys, visible }: CheckedLookup) {
  let whole = keys.map(key => new Map(columns.map(({ name }, index) => [name, key[index] ?? ''])))
  for (const name of relation.key) {
    if (columns.some(column => column.name === name)) continue
    const values = visibleValues(name)
    whole = whole.flatMap(key => values.map(value => new Map(key).set(name, value)))
  }
  return whole

  function visibleValues(name: string): readonly Operand[] {
    if (visible !== 'all' && visible.columns.some(column => column.name === name)) return visible.operands
    const source = sources.get(name)
    if (source?.kind === 'field' && source.codes !== null) return source.codes.values
    throw new Error(`relation ${relation.name}: a lookup without ${columnName(name)} needs codes that list its values`)
  }
}
