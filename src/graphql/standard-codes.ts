import {
  type ConstDirectiveNode,
  type GraphQLDirective,
  type GraphQLSchema,
  getArgumentValues,
  isEnumType,
} from 'graphql'

/**
 * The published codes behind the schema's enum values, read from `@standardCode`: the SDL is the only place that pairs
 * them. Resolvers use it for `statusCode` fields; connectors' mappings may read the codes of a system back.
 */
export interface StandardCodes {
  /** The value's own code, the first that is listed; null: none is published. Throws `TypeError` for an unknown value. */
  codeOf(enumName: string, value: string): string | null
  /**
   * The value whose own code this is. Where several share it, the one that has no other: `PD` of UNCL4343 is PAID,
   * since PARTIALLY_PAID is `PD` with reason `PPD`. Null: unknown, or a class of values, as the outcomes of NIST CSF are.
   */
  valueOf(list: string, code: string): string | null
}

interface StandardCode {
  readonly list: string
  readonly code: string
}

export function standardCodes(schema: GraphQLSchema): StandardCodes {
  const directive = schema.getDirective('standardCode')
  const codes = new Map<string, readonly StandardCode[]>()
  const bearers = new Map<string, { readonly value: string; readonly isAlone: boolean }[]>()
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isEnumType(type)) continue
    for (const { name, astNode } of type.getValues()) {
      const listed = directive ? codesOn(astNode?.directives ?? [], directive) : []
      codes.set(`${type.name}.${name}`, listed)
      const [own] = listed
      if (!own) continue
      const key = keyOfCode(own)
      bearers.set(key, [...(bearers.get(key) ?? []), { value: name, isAlone: listed.length === 1 }])
    }
  }
  return {
    codeOf(enumName, value) {
      const listed = codes.get(`${enumName}.${value}`)
      if (!listed) throw new TypeError(`the schema has no enum value ${enumName}.${value}`)
      return listed[0]?.code ?? null
    },
    valueOf(list, code) {
      const all = bearers.get(keyOfCode({ list, code })) ?? []
      const candidates = all.length > 1 ? all.filter(bearer => bearer.isAlone) : all
      return candidates.length === 1 ? (candidates[0]?.value ?? null) : null
    },
  }
}

function codesOn(applied: readonly ConstDirectiveNode[], directive: GraphQLDirective): readonly StandardCode[] {
  return applied
    .filter(node => node.name.value === directive.name)
    .map(node => getArgumentValues(directive, node) as unknown as StandardCode)
}

function keyOfCode({ list, code }: StandardCode): string {
  return JSON.stringify([list, code])
}
