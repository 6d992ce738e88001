import { configJsonSchema } from '../../src/config/json-schema.ts'

/** Settings in what a page shows of a configuration that there are not. Values are not looked at: pages have placeholders. */

interface SchemaNode {
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly additionalProperties?: SchemaNode | boolean
  readonly items?: SchemaNode
  readonly oneOf?: readonly SchemaNode[]
  readonly anyOf?: readonly SchemaNode[]
}

const schema = configJsonSchema() as unknown as SchemaNode & { readonly $defs: Readonly<Record<string, SchemaNode>> }

/** A page may show any part of it. */
const parts = new Set<SchemaNode>()
collect(schema)

export function settingFaults(shown: unknown): readonly string[] {
  return fewest([...parts].map(part => faultsIn(shown, part, '')))
}

function faultsIn(value: unknown, given: SchemaNode, path: string): readonly string[] {
  const node = resolved(given)
  const kinds = node.oneOf ?? node.anyOf
  if (kinds !== undefined) return fewest(kinds.map(kind => faultsIn(value, kind, path)))
  if (Array.isArray(value))
    return node.items === undefined
      ? [`there is no list at ${path.slice(1)}`]
      : value.flatMap(entry => faultsIn(entry, node.items ?? {}, path))
  if (typeof value !== 'object' || value === null) return []
  const { properties = {}, additionalProperties: others } = node
  return Object.entries(value).flatMap(([name, inner]) => {
    const known = properties[name] ?? (typeof others === 'object' ? others : undefined)
    if (known !== undefined) return faultsIn(inner, known, `${path}.${name}`)
    return others === true || Object.keys(node).length === 0
      ? []
      : [`there is no setting ${`${path}.${name}`.slice(1)}`]
  })
}

function resolved(node: SchemaNode): SchemaNode {
  const { $ref } = node
  return $ref === undefined ? node : resolved(schema.$defs[$ref.replace('#/$defs/', '')] ?? {})
}

function collect(given: SchemaNode): void {
  const node = resolved(given)
  if (parts.has(node)) return
  const { properties = {}, additionalProperties, items, oneOf = [], anyOf = [] } = node
  const others = typeof additionalProperties === 'object' ? [additionalProperties] : []
  // A mapping of free names to single values would take any.
  if (Object.keys(properties).length > 0 || others.some(other => saysMembers(resolved(other)))) parts.add(node)
  for (const inner of [...Object.values(properties), ...others, ...(items ? [items] : []), ...oneOf, ...anyOf])
    collect(inner)
}

function saysMembers({ properties, oneOf, anyOf }: SchemaNode): boolean {
  return properties !== undefined || oneOf !== undefined || anyOf !== undefined
}

function fewest(faults: readonly (readonly string[])[]): readonly string[] {
  return faults.toSorted((a, b) => a.length - b.length)[0] ?? []
}
