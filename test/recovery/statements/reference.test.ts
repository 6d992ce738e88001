import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { parseClaims, parsePayload } from '../../../src/recovery/statements/claims.ts'
import { typOf } from '../../../src/recovery/statements/compact-form.ts'
import { parseKeyRing } from '../../../src/recovery/statements/key-ring.ts'
import { REFUSAL_CODES } from '../../../src/recovery/statements/refusal.ts'
import { SIGNATORY_ROLES } from '../../../src/recovery/statements/signatory.ts'
import { STATEMENT_KINDS } from '../../../src/recovery/statements/statement-kinds.ts'
import { tableIn } from '../../docs/project.ts'
import {
  claimsSchema,
  claimTable,
  claimTables,
  documentation,
  envelopeJsonSchema,
  type SchemaNode,
  sectionOf,
} from './reference.ts'

const read = (name: string): Promise<string> => readFile(new URL(name, documentation), 'utf8')
const README = await read('README.md')

/** The first JSON of a section. */
const exampleIn = (page: string, heading = 'Example'): unknown =>
  JSON.parse(/```json\n([\s\S]*?)\n```/.exec(sectionOf(page, heading))?.[1] ?? '')

const code = (names: readonly string[]): string => names.map(name => `\`${name}\``).join(', ')

describe.each(STATEMENT_KINDS)('the reference of $kind', definition => {
  const { kind, is, signers, longestHours } = definition

  test('says what it is, who signs it and how long it counts', async () => {
    const page = await read(`${kind}.md`)
    const longest =
      longestHours === null ? 'as long as `recovery.policy.attestationMaxHours` says' : `${longestHours} hours at most`
    expect(page).toMatch(/^# [A-Z]/)
    expect(page.split('\n')[2]).toBe(is)
    expect(page).toContain(`\n| \`typ\` | \`${typOf(kind)}\` |\n`)
    expect(page).toContain(`\n| signed by | ${code(signers)} |\n`)
    expect(page).toContain(`\n| counts for | ${longest} |\n`)
  })

  test('has the claims of the code, each with its meaning', async () => {
    const schema = claimsSchema(definition)
    expect(sectionOf(await read(`${kind}.md`), 'Claims')).toBe(claimTables(schema))
    expect(JSON.parse(await read(`${kind}.schema.json`))).toEqual(schema)
    expect(nameless(schema)).toEqual([])
  })

  test('has an example that the code and the published schema both accept', async () => {
    const example = exampleIn(await read(`${kind}.md`))
    expect(() => parseClaims(kind, example, kind)).not.toThrow()
    const published = z.fromJSONSchema(JSON.parse(await read(`${kind}.schema.json`)))
    expect(published.safeParse(example)).toMatchObject({ success: true })
    expect(published.safeParse({ ...Object(example), role: 'SYSTEM_OWNER' })).toMatchObject({ success: false })
  })
})

describe('the page on statements', () => {
  test('lists every kind and no other, and no other page or schema stands beside it', async () => {
    expect(tableIn(README, 'kind', 'what it is for')).toEqual(
      STATEMENT_KINDS.map(({ kind, is }) => [`[\`${kind}\`](${kind}.md)`, is]),
    )
    const names = STATEMENT_KINDS.flatMap(({ kind }) => [`${kind}.md`, `${kind}.schema.json`])
    expect((await readdir(documentation)).sort()).toEqual(['README.md', ...names].sort())
  })

  test('explains every code of refusal, in the order of the checks', () => {
    const rows = tableIn(README, 'code', 'what it means', 'what to do')
    expect(rows.map(([code]) => code)).toEqual(REFUSAL_CODES)
    for (const row of rows) expect(row).not.toContain('')
  })

  test('has the claims of the envelope, and a whole payload that the code accepts', () => {
    expect(sectionOf(README, 'Claims')).toBe(claimTable(envelopeJsonSchema()))
    expect(nameless(envelopeJsonSchema())).toEqual([])
    const bytes = Buffer.from(JSON.stringify(exampleIn(README)))
    expect(parsePayload('indicator-report', bytes).envelope.inc).toBe('INC-2025-0901')
  })

  test('has a file of keys that the code accepts, and every role', () => {
    const [key] = parseKeyRing(exampleIn(README, 'The pinned keys'), 'README.md').all()
    expect(key).toMatchObject({ role: 'SYSTEM_OWNER', systems: ['PARTS_LOGISTICS'] })
    expect(sectionOf(README, 'The pinned keys').replace(/\s+/g, ' ')).toContain(`one of ${code(SIGNATORY_ROLES)}.`)
  })
})

/** Claims without a description, by name. */
function nameless(schema: SchemaNode): readonly string[] {
  const { properties = {}, items, anyOf = [], oneOf = [], additionalProperties } = schema
  const inner = [items, additionalProperties || undefined, ...anyOf, ...oneOf].filter(node => node !== undefined)
  return [
    ...Object.entries(properties).flatMap(([name, node]) => [...(node.description ? [] : [name]), ...nameless(node)]),
    ...inner.flatMap(nameless),
  ]
}
