import { isObjectType } from 'graphql'
import { INTROSPECTION_SCOPE } from '../../../src/operations/declarations.ts'
import { ownTypes } from '../sdl.ts'
import { type Described, fieldColumns } from './field-columns.ts'
import { table } from './markdown.ts'
import type { PartnerSchema } from './partner-schema.ts'

/** The first page: what each kind of caller may ask, by the scopes that it is granted. */

interface CallerKind {
  readonly title: string
  readonly who: string
  readonly scopes: readonly string[]
}

/** Every scope of the schema stands in one of them. Who is granted which is said by partner grants, not by the schema. */
const CALLERS: readonly CallerKind[] = [
  {
    title: 'What a retailer or an importer asks',
    who: 'Dealer management systems: parts at the sites that serve the caller, its own orders, vehicles and builds.',
    scopes: ['parts:read', 'orders:read', 'wholesale:read'],
  },
  {
    title: 'What a supplier asks',
    who: "Supplier portals: the caller's own invoices and payments, and what the plants expect to need of its parts.",
    scopes: ['payments:read', 'demand:read'],
  },
  {
    title: 'What everybody asks',
    who: 'How far the restart has come, and who one is to the gateway.',
    scopes: ['restart:read'],
  },
  {
    title: 'What internal readers ask',
    who: 'Applications of the manufacturer itself: all of the above, and this.',
    scopes: ['schedule:read', 'evidence:read', INTROSPECTION_SCOPE],
  },
]
const UNSCOPED = 'restart:read'

export function overview(of: PartnerSchema): string {
  const described = scopedFields(of)
  const known = new Set(CALLERS.flatMap(({ scopes }) => scopes))
  const unknown = described.flatMap(scopesOf).filter(scope => !known.has(scope))
  if (unknown.length > 0) throw new Error(`no kind of caller is said to hold ${unknown.join(', ')}`)
  const sections = CALLERS.map(({ title, who, scopes }) => {
    const asked = described.filter(one => {
      const needed = scopesOf(one)
      return needed.length === 0 ? scopes.includes(UNSCOPED) : needed.some(scope => scopes.includes(scope))
    })
    return `### ${title}\n\n${who}\n\n${table(asked, [
      { title: 'ask', cell: ({ declaration }) => linkTo(declaration.coordinate, of) },
      ...fieldColumns(of),
    ])}`
  })
  const pages = of.concepts.map(({ name, defines }) => {
    const types = defines.map(one => `[${one}](${of.placeOf(one)})`).join(' · ')
    return { name, types }
  })
  return [
    of.schema.description ?? '',
    HOW_TO_READ,
    '## Who asks what',
    ...sections,
    '## Everything by name',
    table(pages, [
      { title: 'page', cell: ({ name }) => `[${name.replaceAll('-', ' ')}](${name}.md)` },
      { title: 'describes', cell: ({ types }) => types },
    ]),
  ].join('\n\n')
}

const HOW_TO_READ = `## How to read it

| column | says |
| --- | --- |
| type | what the answer is; \`!\`: never null; \`[ ]\`: a list |
| reads | the restored system that the field reads. While it is closed to the caller or cannot answer, the field is null with an error |
| scopes | what the caller must hold, or the whole question is refused with \`FORBIDDEN\`; what stands at a type's field is needed besides what led there |
| depends on | the facts about the caller by which answers differ: [ViewerFact](directives.md#viewerfact). Two callers with equal facts get equal answers |
| fresh for | how long an answer counts as fresh; the least of all fields holds for the whole answer (\`Cache-Control\`, \`Age\`) |
| given again for | how long the last answer of a system that cannot answer may be given again, marked \`origin: LAST_KNOWN_GOOD\` |
| cost | its weight, then how many times what is selected below it counts: by an argument, or as many as are assumed. \`viewer.budget\` says what is left |
| code | the published code that stands for the same |

Errors and what to do about them: [errors](../../errors.md). What changed between versions: [schema changelog](../schema-changelog.md).`

/** Every root field, and every other that needs scopes of its own. */
function scopedFields({ schema, declarations }: PartnerSchema): readonly Described[] {
  const roots = new Set([schema.getQueryType(), schema.getSubscriptionType()])
  const types = ownTypes(schema).filter(isObjectType)
  const ordered = [...types.filter(type => roots.has(type)), ...types.filter(type => !roots.has(type))]
  return ordered.flatMap(type =>
    Object.values(type.getFields()).flatMap(field => {
      const declaration = declarations.get(`${type.name}.${field.name}`)
      return declaration && (roots.has(type) || declaration.requirements.length > 0) ? [{ field, declaration }] : []
    }),
  )
}

const scopesOf = ({ declaration }: Described): readonly string[] => declaration.requirements.flat(2)

function linkTo(coordinate: string, { placeOf }: PartnerSchema): string {
  const [type = '', field = ''] = coordinate.split('.')
  const name = type === 'Query' ? field : type === 'Subscription' ? `subscription ${field}` : coordinate
  return `[${name}](${placeOf(type)})`
}
