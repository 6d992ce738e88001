import type { GraphQLField } from 'graphql'
import type { FieldDeclaration } from '../../../src/operations/declarations.ts'
import { type Column, cellText, secondsText, typeText } from './markdown.ts'
import type { PartnerSchema } from './partner-schema.ts'

/** A field with what the schema declares of it, and the columns that say so. */
export interface Described {
  readonly field: GraphQLField<unknown, unknown>
  readonly declaration: FieldDeclaration
}

export function fieldColumns({ placeOf }: Pick<PartnerSchema, 'placeOf'>): readonly Column<Described>[] {
  return [
    { title: 'type', cell: ({ field }) => typeText(field.type, placeOf) },
    { title: 'meaning', cell: ({ field }) => cellText(field.description) },
    { title: 'reads', cell: ({ declaration: { system } }) => (system === null ? '' : `\`${system}\``) },
    { title: 'scopes', cell: ({ declaration }) => scopesText(declaration) },
    { title: 'depends on', cell: ({ declaration }) => partitionText(declaration) },
    { title: 'fresh for', cell: ({ declaration: { maxAgeSeconds: seconds } }) => freshText(seconds) },
    {
      title: 'given again for',
      cell: ({ declaration: { lastKnownGoodSeconds: seconds } }) => (seconds === 0 ? '' : secondsText(seconds)),
    },
    { title: 'cost', cell: ({ declaration }) => costText(declaration) },
  ]
}

/** Every requirement must be met; of its alternatives any one. */
function scopesText({ requirements }: FieldDeclaration): string {
  return requirements
    .map(alternatives => alternatives.map(all => all.map(scope => `\`${scope}\``).join(' and ')).join(' or '))
    .join('; ')
}

function partitionText({ partition, argumentPartition }: FieldDeclaration): string {
  const added = [...argumentPartition].map(([argument, facts]) => `${facts.join(', ')} with \`${argument}\``)
  return [...(partition ?? []), ...added].join(', ')
}

function freshText(seconds: number | null): string {
  if (seconds === null) return ''
  return seconds === 0 ? 'not kept' : secondsText(seconds)
}

/** Its own weight, then how many times what is selected below it counts. */
function costText({ weight, listSize }: FieldDeclaration): string {
  const times = listSize && (listSize.slicingArguments.map(name => `\`${name}\``).join(', ') || listSize.assumedSize)
  return [weight === 0 ? '' : String(weight), times === null ? '' : `× ${times}`].filter(text => text !== '').join(', ')
}
