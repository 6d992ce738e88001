import { readFile, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { envelopeSchema } from '../../../src/recovery/statements/envelope.ts'
import { type KindDefinition, STATEMENT_KINDS } from '../../../src/recovery/statements/statement-kinds.ts'

/**
 * The reference of the statements, as it follows from their schemas: a JSON Schema for each kind, and the tables of
 * claims in its page. `node test/recovery/statements/reference.ts` writes both; the test beside it only compares.
 */

export interface SchemaNode {
  readonly type?: string
  readonly format?: string
  readonly description?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly items?: SchemaNode
  readonly anyOf?: readonly SchemaNode[]
  readonly oneOf?: readonly SchemaNode[]
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly propertyNames?: SchemaNode
  readonly additionalProperties?: SchemaNode | false
  readonly required?: readonly string[]
}

/** JSON Schema (draft 2020-12) of the claims of a kind as they are written: those that are signing adds are left out. */
export function claimsSchema({ kind, is, claims }: KindDefinition): SchemaNode {
  return { title: kind, description: is, ...jsonSchema(claims) } as SchemaNode
}

export const envelopeJsonSchema = (): SchemaNode => jsonSchema(envelopeSchema)

function jsonSchema(schema: z.ZodType): SchemaNode {
  return z.toJSONSchema(schema, {
    io: 'input',
    override({ jsonSchema }) {
      // The format says it, and the patterns of times fill half a page; Unicode classes are not known to every validator.
      if (jsonSchema.format !== undefined || jsonSchema.pattern?.includes('\\p{')) delete jsonSchema.pattern
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
    },
  }) as SchemaNode
}

/** The tables of claims in a page: one; or, where the claims have several forms, what all have and then what each has. */
export function claimTables(schema: SchemaNode): string {
  if (schema.oneOf === undefined) return claimTable(schema)
  const forms = schema.oneOf.map(form => ({ name: formOf(form), rows: rowsOf(form, '') }))
  const common = (forms[0]?.rows ?? []).filter(row => forms.every(({ rows }) => rows.includes(row)))
  const own = forms.map(({ name, rows }) => `### ${name}\n\n${tableOf(rows.filter(row => !common.includes(row)))}`)
  return [`### All of them\n\n${tableOf(common)}`, ...own].join('\n\n')
}

/** The constant that tells a form from the others: `"to": "OPEN"`. */
function formOf({ properties = {} }: SchemaNode): string {
  const [name, node] = Object.entries(properties).find(([, node]) => node.const !== undefined) ?? []
  return `\`"${name}": ${JSON.stringify(node?.const)}\``
}

export const claimTable = (schema: SchemaNode): string => tableOf(rowsOf(schema, ''))

function tableOf(rows: readonly string[]): string {
  return ['| claim | must be there | value | what it says |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

function rowsOf({ properties = {}, required = [] }: SchemaNode, path: string): readonly string[] {
  return Object.entries(properties).flatMap(([name, node]) => {
    const place = `${path}${name}`
    const preset = node.default === undefined ? '' : `; left out: ${JSON.stringify(node.default)}`
    const cells = [
      `\`${place}\``,
      required.includes(name) ? 'yes' : 'no',
      `${kindOfValue(node)}${preset}`,
      node.description ?? '',
    ]
    return [`| ${cells.join(' | ')} |`, ...membersOf(node, place)]
  })
}

/** Rows of what stands inside a claim. */
function membersOf(node: SchemaNode, place: string): readonly string[] {
  const inner = node.anyOf?.find(({ type }) => type !== 'null') ?? node
  if (isDigest(inner)) return []
  if (inner.items !== undefined) return membersOf(inner.items, `${place}[]`)
  if (inner.additionalProperties) return membersOf(inner.additionalProperties, `${place}.*`)
  return rowsOf(inner, `${place}.`)
}

function kindOfValue(node: SchemaNode): string {
  if (node.anyOf !== undefined) return node.anyOf.map(kindOfValue).join(' or ')
  if (node.const !== undefined) return `\`${JSON.stringify(node.const)}\``
  if (node.enum !== undefined) return node.enum.map(value => `\`${value}\``).join(', ')
  if (isDigest(node)) return 'digest'
  if (node.items !== undefined) return `list of ${kindOfValue(node.items)}`
  if (node.type === 'object') return node.additionalProperties ? 'object by name' : 'object'
  if (node.format !== undefined) return FORMATS[node.format] ?? node.format
  return `${TYPES[node.type ?? ''] ?? node.type}${rangeOf(node)}`
}

const FORMATS: Readonly<Record<string, string>> = { 'date-time': 'time', date: 'date', duration: 'duration' }
const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: '`true` or `false`',
  null: '`null`',
}

function rangeOf({ minimum, maximum }: SchemaNode): string {
  if (minimum === undefined) return ''
  return maximum === undefined ? `, at least ${minimum}` : ` from ${minimum} to ${maximum}`
}

const isDigest = ({ properties = {} }: SchemaNode): boolean => Object.keys(properties).join() === 'sha256'

/** The part of a page under a heading, up to the next one of the same rank. */
export function sectionOf(page: string, heading: string): string {
  const [, section] = page.split(`\n## ${heading}\n`)
  if (section === undefined) throw new Error(`there is no section ${heading}`)
  return (section.split('\n## ')[0] ?? '').trim()
}

export const documentation = new URL('../../../docs/statements/', import.meta.url)

if (import.meta.main) {
  for (const kind of STATEMENT_KINDS) {
    const schema = claimsSchema(kind)
    await writeFile(new URL(`${kind.kind}.schema.json`, documentation), `${JSON.stringify(schema, null, 2)}\n`)
    await writeClaims(new URL(`${kind.kind}.md`, documentation), claimTables(schema))
  }
  await writeClaims(new URL('README.md', documentation), claimTable(envelopeJsonSchema()))
}

async function writeClaims(page: URL, tables: string): Promise<void> {
  const text = await readFile(page, 'utf8')
  const [before = '', after = ''] = text.split(`\n\n${sectionOf(text, 'Claims')}\n`)
  await writeFile(page, `${before}\n\n${tables}\n${after}`)
}
