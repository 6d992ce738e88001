import { describe, expect, test } from '@jest/globals'
import { parseAcceptedBreaks } from './changes/accepted-breaks.ts'
import { problemsOf } from './changes/problems.ts'
import { lastRelease, todaysSdl } from './changes/releases.ts'
import { schemaChanges } from './changes/schema-changes.ts'

const CHANGELOG = (unreleased: string) =>
  `# Schema changelog\n\n## Unreleased\n\n${unreleased}\n\n## 0.1.0\n\n\`Query.told\`\n`

/** The problems of today's schema with one change against itself. */
async function problemsWith(
  from: string | RegExp,
  to: string,
  { told = '', accepted = [] }: { readonly told?: string; readonly accepted?: readonly string[] } = {},
): Promise<readonly string[]> {
  const before = todaysSdl()
  const after = before.replace(from, to)
  if (after === before) throw new Error('nothing was changed')
  const accept = accepted.map(change => ({ change, reason: 'Nobody asks it any more.', date: '2026-03-31' }))
  const changes = await schemaChanges(before, after)
  return problemsOf({ changes, accepted: accept, changelog: CHANGELOG(told), release: '0.1.0' })
}
const heads = (problems: readonly string[]) => problems.map(problem => problem.split(':')[0])

describe('a change of the schema', () => {
  test('that breaks what could be asked is refused until it is accepted and told', async () => {
    const removal = [/ {2}"Whether it can still be ordered."\n {2}active: Boolean!\n/, ''] as const
    expect(heads(await problemsWith(...removal))).toEqual(['FIELD_REMOVED Part.active', 'Part.active'])
    const told = 'The field `Part.active` is gone.'
    expect(heads(await problemsWith(...removal, { told }))).toEqual(['FIELD_REMOVED Part.active'])
    expect(await problemsWith(...removal, { told, accepted: ['FIELD_REMOVED Part.active'] })).toEqual([])
  })

  test.each([
    [
      'a type that is not the same',
      /partNumber: PartNumber!\): Part$/m,
      'partNumber: String!): Part',
      'Query.part.partNumber',
    ],
    ['a value that is gone', /\n {2}"Stands still."\n {2}PAUSED/, '', 'SiteRestartStatus.PAUSED'],
    [
      'what may be null now',
      'description: String!\n  "The unit',
      'description: String\n  "The unit',
      'Part.description',
    ],
    ['an argument that must be given', 'shipToBpns: BPNS', 'shipToBpns: BPNS!', 'Query.partAvailability.shipToBpns'],
    ['another scope', '[["orders:read"]]', '[["parts:read", "orders:read"]]', 'Query.partsOrderLines'],
  ])('breaks with %s', async (_, from, to, coordinate) => {
    const problems = await problemsWith(from, to, { told: `\`${coordinate}\`` })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(`${coordinate}: `)
    expect(problems[0]).toContain('It breaks what could be asked of 0.1.0')
  })

  test.each([
    [
      'a new field',
      '  "Whether it can still be ordered."',
      '  "New."\n  isNew: Boolean!\n  "Orderable."',
      'Part.isNew',
    ],
    ['a new value', '"Stands still."\n  PAUSED', '"Idle."\n  IDLE\n  PAUSED', 'SiteRestartStatus.IDLE'],
    ['a deprecation', 'active: Boolean!', 'active: Boolean! @deprecated(reason: "x")', 'Part.active'],
    ['another cost', /(first: Int! = 50[\s\S]*?)@cost\(weight: "5"\)/, '$1@cost(weight: "7")', 'Query.partsOrderLines'],
  ])('that breaks nothing, %s, must be told', async (_, from, to, coordinate) => {
    const missing = await problemsWith(from, to)
    expect(heads(missing)).toContain(coordinate)
    const told = [...new Set(heads(missing))].map(head => `\`${head}\``).join(' ')
    expect(await problemsWith(from, to, { told })).toEqual([])
  })

  test('of a type that is new is one, whatever the type has; of words it is none', async () => {
    const type = '"New."\ntype New {\n  "Its name."\n  name: String!\n}\n\n"A part of the catalogue."'
    expect(heads(await problemsWith('"A part of the catalogue."', type))).toEqual(['New'])
    expect(await problemsWith('"A part of the catalogue."', '"One part."')).toEqual([])
  })

  test('is not told by the section of an earlier release', async () => {
    const added = [
      'type Query {',
      'type Query {\n  "Told."\n  told: Int @requiresScopes(scopes: [["parts:read"]])',
    ] as const
    expect(heads(await problemsWith(...added))).toEqual(['Query.told'])
  })

  test('that is accepted and not there is refused', async () => {
    const problems = await problemsWith('active: Boolean!', 'active: Boolean! @deprecated(reason: "x")', {
      told: '`Part.active`',
      accepted: ['FIELD_REMOVED Part.active'],
    })
    expect(heads(problems)).toEqual(['FIELD_REMOVED Part.active'])
  })
})

test('an accepted break has a reason and a day', () => {
  const parsed = (entry: object) => () => parseAcceptedBreaks({ breaks: [entry] }, 'breaks.yaml')
  const entry = { change: 'FIELD_REMOVED Part.active', reason: 'Nobody asks it any more.', date: '2026-03-31' }
  expect(parsed(entry)()).toEqual([entry])
  expect(parsed({ ...entry, reason: 'old' })).toThrow('reason')
  expect(parsed({ ...entry, date: 'soon' })).toThrow('date')
})

test('the last release is the newest by its number, and a schema of its own', async () => {
  const { version, sdl } = lastRelease()
  expect(version).toMatch(/^\d+\.\d+\.\d+$/)
  expect(await schemaChanges(sdl, sdl)).toEqual([])
})
