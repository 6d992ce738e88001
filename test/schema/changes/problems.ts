import type { AcceptedBreak } from './accepted-breaks.ts'
import type { SchemaChange } from './schema-changes.ts'

/** What keeps a change of the schema from going in: one sentence for each, with what to do. */
export interface Examined {
  readonly changes: readonly SchemaChange[]
  readonly accepted: readonly AcceptedBreak[]
  /** `docs/partners/schema-changelog.md` */
  readonly changelog: string
  /** The version that the changes are since. */
  readonly release: string
}

export const CHANGELOG = 'docs/partners/schema-changelog.md'
export const ACCEPTED_BREAKS = 'docs/partners/schema/releases/accepted-breaks.yaml'

export function problemsOf({ changes, accepted, changelog, release }: Examined): readonly string[] {
  const told = unreleasedSection(changelog)
  const breaks = changes.filter(({ level }) => level === 'breaking')
  const names = new Set(breaks.map(nameOf))
  const broken = breaks
    .filter(change => !accepted.some(({ change: name }) => name === nameOf(change)))
    .map(
      change =>
        `${nameOf(change)}: ${change.message}. It breaks what could be asked of ${release}: keep it and deprecate it, or say in ${ACCEPTED_BREAKS} why not.`,
    )
  const stale = accepted
    .filter(({ change }) => !names.has(change))
    .map(({ change }) => `${change}: is accepted in ${ACCEPTED_BREAKS}, and no such change is there. Take it out.`)
  // One line may tell of several changes of one thing.
  const untold = new Map(
    changes
      .filter(({ coordinate }) => !told.includes(`\`${coordinate}\``))
      .map(({ coordinate, message }) => [
        coordinate,
        `${coordinate}: ${message}. ${CHANGELOG} does not tell it: name \`${coordinate}\` under "Unreleased".`,
      ]),
  )
  return [...broken, ...stale, ...untold.values()]
}

function nameOf({ type, coordinate }: SchemaChange): string {
  return `${type} ${coordinate}`
}

/** Everything under the heading, up to the next of its kind; empty where there is none. */
function unreleasedSection(changelog: string): string {
  const [, section = ''] = /^## Unreleased\n([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(changelog) ?? []
  return section
}
