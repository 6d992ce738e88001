import { type Change, diff } from '@graphql-inspector/core'
import { buildSchema } from 'graphql'
import { type Declarations, type FieldDeclaration, readDeclarations } from '../../../src/operations/declarations.ts'

/**
 * What has changed between two versions of the schema, as those see it who ask: by GraphQL Inspector, and by what the
 * schema declares of scopes and cost, which is as much a part of the contract.
 */
export interface SchemaChange {
  /** Breaking: what could be asked is refused, or answered in another form. Notable: to be said, and nothing to be done. */
  readonly level: 'breaking' | 'notable'
  readonly type: string
  /** `Type`, `Type.field`, `Type.field.argument` or `@directive`. */
  readonly coordinate: string
  readonly message: string
}

export async function schemaChanges(before: string, after: string): Promise<readonly SchemaChange[]> {
  const [old, next] = [buildSchema(before), buildSchema(after)]
  const found = await diff(old, next)
  const ofGraphql = found
    // Where a directive stands is the gateway's own business, but for what is compared below; words are no form.
    .filter(({ type }) => !type.startsWith('DIRECTIVE_USAGE') && !type.includes('DESCRIPTION'))
    .map(changeOf)
    // A type that is new is one change, with all that it has.
    .filter(({ coordinate }) => !coordinate.includes('.') || old.getType(coordinate.split('.')[0] ?? '') !== undefined)
  return [...ofGraphql, ...declaredChanges(readDeclarations(old), readDeclarations(next))]
}

function changeOf({ type, path, message, criticality }: Change): SchemaChange {
  // A directive is no place of its own: what is deprecated is the field.
  const coordinate = (path ?? '').replace(/\.@.*$/, '')
  return { level: criticality.level === 'BREAKING' ? 'breaking' : 'notable', type, coordinate, message }
}

function declaredChanges(before: Declarations, after: Declarations): readonly SchemaChange[] {
  return [...before.values()].flatMap(old => {
    const next = after.get(old.coordinate)
    return next === undefined || old.coordinate.includes('__')
      ? []
      : [...scopesChange(old, next), ...costChange(old, next)]
  })
}

function scopesChange(old: FieldDeclaration, next: FieldDeclaration): readonly SchemaChange[] {
  const { coordinate } = old
  const [was, is] = [scopesText(old), scopesText(next)]
  if (was === is) return []
  const message = `Field '${coordinate}' needed ${was} and needs ${is}`
  return [{ level: is === 'no scope' ? 'notable' : 'breaking', type: 'SCOPES_CHANGED', coordinate, message }]
}

function scopesText({ requirements }: FieldDeclaration): string {
  const texts = requirements.map(alternatives => alternatives.map(all => all.join(' and ')).join(' or '))
  return texts.length === 0 ? 'no scope' : texts.join('; ')
}

function costChange(old: FieldDeclaration, next: FieldDeclaration): readonly SchemaChange[] {
  const { coordinate } = old
  const [was, is] = [costText(old), costText(next)]
  if (was === is) return []
  const message = `Field '${coordinate}' cost ${was} and costs ${is}`
  return [{ level: 'notable', type: 'COST_CHANGED', coordinate, message }]
}

function costText({ weight, listSize }: FieldDeclaration): string {
  if (listSize === null) return String(weight)
  return `${weight} and × ${listSize.slicingArguments.join(', ') || listSize.assumedSize}`
}
