import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { REFERENCE_DIRECTORY, referencePages } from './reference/pages.ts'
import { fieldsOf, ownTypes, readSchema } from './sdl.ts'

const directory = join(import.meta.dirname, '../..', REFERENCE_DIRECTORY)
const pages = referencePages()
const text = [...pages.values()].join('\n')

test('the schema reference is the schema of today: `npm run docs:schema` would change nothing', async () => {
  const names = (await readdir(directory)).filter(name => name.endsWith('.md'))
  expect(names.toSorted()).toEqual([...pages.keys()].toSorted())
  for (const [name, page] of pages) expect([name, await readFile(join(directory, name), 'utf8')]).toEqual([name, page])
})

test('the schema reference describes every type and every field, with what is declared of it', () => {
  const schema = readSchema()
  for (const { name } of ownTypes(schema)) expect(text).toContain(`\n## ${name}\n`)
  const rows = fieldsOf(schema).filter(({ field }) => text.includes(`| \`${field.name}\` | `))
  expect(rows).toHaveLength(fieldsOf(schema).length)
  const [part] = (pages.get('README.md') ?? '').match(/^\| \[part\].*$/m) ?? []
  expect(part).toBe(
    '| [part](query.md#query) | [Part](parts.md#part) | One part of the catalogue; null without an error: no such part number. | `PARTS_LOGISTICS` | `parts:read` |  | 1 h | 7 d | 5 |',
  )
})
