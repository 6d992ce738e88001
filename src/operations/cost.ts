import { type FieldNode, Kind, type ValueNode } from 'graphql'
import { GatewayError } from '../model/errors.ts'
import type { FieldDeclaration } from './declarations.ts'

/**
 * Cost of an operation by the cost-directive specification (IBM): a field costs its weight, and a list multiplies what
 * stands below it by the size that its slicing argument asks for, or else by its assumed size. The same pass refuses
 * lists that are larger than the gateway answers.
 */
export interface CostLimits {
  /** Most entries that a page may ask for. */
  readonly maxPageSize: number
  /** Most keys that a list argument may name. */
  readonly maxListKeys: number
}

export type Variables = Readonly<Record<string, unknown>>

/** The cost of a part of the operation under given variables; a fragment is evaluated once and remembered in `memo`. */
export type Cost = (variables: Variables, memo: Map<string, number>) => number

/** How many times what stands below a field counts, by its list size; `defaults` are the arguments' default values. */
export function sizeOf(
  declaration: FieldDeclaration,
  node: FieldNode,
  defaults: ReadonlyMap<string, unknown>,
  limits: CostLimits,
): (variables: Variables) => number {
  const { listSize, coordinate } = declaration
  if (listSize === null) return () => 1
  const slices = listSize.slicingArguments.map(name => {
    const given = node.arguments?.find(argument => argument.name.value === name)?.value
    return { name, sizeIn: sliceOf(given, defaults.get(name)) }
  })
  return variables => {
    let size: number | null = null
    for (const { name, sizeIn } of slices) {
      const slice = sizeIn(variables)
      if (slice === null) continue
      assertSlice(`${coordinate}(${name}:)`, slice, limits)
      size = Math.max(size ?? 0, slice.count)
    }
    return size ?? listSize.assumedSize ?? 1
  }
}

interface Slice {
  readonly kind: 'entries' | 'keys'
  readonly count: number
}

function sliceOf(given: ValueNode | undefined, fallback: unknown): (variables: Variables) => Slice | null {
  if (given === undefined) return () => sliceOfValue(fallback)
  if (given.kind === Kind.VARIABLE) {
    const name = given.name.value
    return variables => sliceOfValue(Object.hasOwn(variables, name) ? variables[name] : fallback)
  }
  if (given.kind === Kind.LIST) return () => ({ kind: 'keys', count: given.values.length })
  if (given.kind === Kind.INT) return () => ({ kind: 'entries', count: Number(given.value) })
  // A single value where a list is expected is a list of one.
  return () => ({ kind: 'keys', count: 1 })
}

function sliceOfValue(value: unknown): Slice | null {
  if (typeof value === 'number') return { kind: 'entries', count: value }
  if (Array.isArray(value)) return { kind: 'keys', count: value.length }
  return null
}

function assertSlice(what: string, slice: Slice, limits: CostLimits): void {
  const most = slice.kind === 'entries' ? limits.maxPageSize : limits.maxListKeys
  if (slice.count >= 1 && slice.count <= most) return
  const allowed = `1 to ${most}${slice.kind === 'keys' ? ' values' : ''}`
  throw new GatewayError(
    'BAD_USER_INPUT',
    `${what} takes ${allowed}; ${slice.count} ${slice.kind === 'keys' ? 'were given' : 'was given'}.`,
    {
      details: { argument: what, allowed, given: slice.count },
    },
  )
}
