import { expect, test } from '@jest/globals'
import { readText, tableIn } from './project.ts'

type Versions = Readonly<Record<string, string>>

/** Undefined: a package of another platform, which is not installed. */
async function licenceOf(name: string): Promise<string | undefined> {
  const text = await readText(`node_modules/${name}/package.json`).catch(() => null)
  return text === null ? undefined : JSON.parse(text).license
}

test.each([
  ['dependencies', ['package', 'version', 'licence', 'what it does here', 'why not our own']],
  ['optionalDependencies', ['package', 'version', 'licence', 'for']],
  ['devDependencies', ['package', 'version', 'licence', 'what it does here']],
])('docs/dependencies.md has all %s and no other, with version, licence and a reason', async (section, header) => {
  const declared: Versions = JSON.parse(await readText('package.json'))[section]
  const rows = tableIn(await readText('docs/dependencies.md'), ...header)
  expect(rows.map(([name, version]) => [name, version])).toEqual(Object.entries(declared))
  for (const [name = '', , licence, ...reasons] of rows) {
    expect([name, licence]).toEqual([name, (await licenceOf(name)) ?? licence])
    expect([name, ...reasons]).not.toContain('')
  }
})
