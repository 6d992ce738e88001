import type { ODataSettings } from '../../config/odata-schema.ts'
import type { CodeTable, CodeValue } from './codes.ts'

/**
 * What one column is made of, as a union: the configuration's words, told apart once. Called by the mapping; the filters
 * ask it what can be sent, the rows what the value is.
 */
export interface Reference {
  /** Null: a field of the relation's own entity set. */
  readonly join: string | null
  /** `join/Field`: one value per joined row. */
  readonly many: boolean
  readonly field: string
}

export type Constant = string | number | boolean | null | readonly string[]

/** What a field is held against. For a join that has many rows, every row passes and there is one at least. */
export type Test =
  | { readonly kind: 'among'; readonly values: readonly Constant[] }
  | { readonly kind: 'notAmong'; readonly values: readonly Constant[] }

export type Target =
  | { readonly kind: 'field'; readonly reference: Reference }
  /** Whether the join has a row. */
  | { readonly kind: 'join'; readonly join: string }

export interface Rule {
  /** All of them hold; none: the rule always does. */
  readonly when: readonly (readonly [Target, Test])[]
  readonly value: Constant
}

export type Source =
  | {
      readonly kind: 'field'
      readonly reference: Reference
      readonly codes: CodeTable | null
      readonly fallback: CodeValue | null
      readonly pad: number | null
    }
  | { readonly kind: 'fields'; readonly fields: readonly string[]; readonly separator: string }
  | { readonly kind: 'constant'; readonly value: Constant }
  | { readonly kind: 'derive'; readonly rules: readonly Rule[] }
  | {
      readonly kind: 'collect'
      readonly reference: Reference
      readonly codes: CodeTable | null
      readonly fallback: CodeValue | null
    }
  | {
      readonly kind: 'fold'
      readonly fold: 'sum' | 'min' | 'max'
      readonly reference: Reference
      readonly negate: boolean
    }
  | { readonly kind: 'asOf' }

type Entry = ODataSettings['relations'][string]['columns'][string]
type Codes = NonNullable<Entry['codes']>

export interface SourceContext {
  tableOf(codes: Codes): CodeTable
  isJoin(name: string): boolean
}

export function parseSource(entry: Entry, { tableOf, isJoin }: SourceContext): Source {
  const codes = entry.codes === undefined ? null : tableOf(entry.codes)
  const fallback = entry.default ?? null
  if (entry.field !== undefined)
    return { kind: 'field', reference: referenceOf(entry.field), codes, fallback, pad: entry.pad ?? null }
  if (entry.fields !== undefined) return { kind: 'fields', fields: entry.fields, separator: entry.separator ?? '' }
  if (entry.derive !== undefined) return { kind: 'derive', rules: entry.derive.map(rule => ruleOf(rule, isJoin)) }
  if (entry.collect !== undefined) return { kind: 'collect', reference: referenceOf(entry.collect), codes, fallback }
  for (const fold of ['sum', 'min', 'max'] as const) {
    const text = entry[fold]
    if (text !== undefined) return { kind: 'fold', fold, reference: referenceOf(text), negate: entry.negate === true }
  }
  return entry.asOf === true ? { kind: 'asOf' } : { kind: 'constant', value: entry.constant ?? null }
}

/** `Field`, `join.Field`, `join/Field`. */
export function referenceOf(text: string): Reference {
  const [, join, separator, field] = /^(?:(\w+)([./]))?(\w+)$/.exec(text) ?? []
  return { join: join ?? null, many: separator === '/', field: field ?? text }
}

type RuleEntry = NonNullable<Entry['derive']>[number]

function ruleOf({ when = {}, is }: RuleEntry, isJoin: SourceContext['isJoin']): Rule {
  const tests = Object.entries(when).map(([name, test]) => {
    const target: Target = isJoin(name) ? { kind: 'join', join: name } : { kind: 'field', reference: referenceOf(name) }
    return [target, testOf(test)] as const
  })
  return { when: tests, value: is }
}

type TestEntry = NonNullable<RuleEntry['when']>[string]

function testOf(test: TestEntry): Test {
  if (test !== null && typeof test === 'object' && 'not' in test) return { kind: 'notAmong', values: listOf(test.not) }
  return { kind: 'among', values: listOf(test) }
}

function listOf(value: Constant | readonly CodeValue[]): readonly Constant[] {
  return Array.isArray(value) ? value : [value as Constant]
}

/** Every field that the source reads. */
export function referencesOf(source: Source): readonly Reference[] {
  switch (source.kind) {
    case 'field':
    case 'collect':
    case 'fold':
      return [source.reference]
    case 'fields':
      return source.fields.map(field => ({ join: null, many: false, field }))
    case 'derive':
      return source.rules.flatMap(({ when }) =>
        when.flatMap(([target]) => (target.kind === 'field' ? [target.reference] : [])),
      )
    case 'constant':
    case 'asOf':
      return []
    default:
      return source satisfies never
  }
}

/** Every join that the source only asks for its rows. */
export function joinsAskedFor(source: Source): readonly string[] {
  if (source.kind !== 'derive') return []
  return source.rules.flatMap(({ when }) => when.flatMap(([target]) => (target.kind === 'join' ? [target.join] : [])))
}
