import { readFile } from 'node:fs/promises'
import { expect, test } from '@jest/globals'
import { configSchemaText, runConfigSchema } from '../../src/commands/config/schema.ts'
import { EMBEDDED_CONFIG_FILE } from '../../src/config/embedded.ts'
import { configJsonSchema } from '../../src/config/json-schema.ts'
import { createRecordedIo } from '../commands/recorded-io.ts'

const published = new URL('../../config/recovery-gateway.schema.json', import.meta.url)

test('the published JSON Schema is that of the code', async () => {
  expect(await readFile(published, 'utf8')).toBe(configSchemaText())
})

test('the embedded default names the published schema for editors', async () => {
  expect(await readFile(EMBEDDED_CONFIG_FILE, 'utf8')).toMatch(
    /^# yaml-language-server: \$schema=recovery-gateway\.schema\.json\n/,
  )
})

/** The definition behind a reference, or the schema itself. */
function resolvedIn({ $defs }: Record<string, unknown>, schema: object): Record<string, unknown> {
  const { $ref } = schema as { readonly $ref?: string }
  const named = $ref === undefined ? schema : ($defs as Record<string, object>)[$ref.replace('#/$defs/', '')]
  return named as Record<string, unknown>
}

test('every setting says what it is, every number its range, and unknown settings are marked', () => {
  const settings: string[] = []
  const root = configJsonSchema()
  const walk = (node: unknown, path: string): void => {
    if (node === null || typeof node !== 'object') return
    const schema = resolvedIn(root, node)
    const { properties, oneOf, description } = schema
    if (Array.isArray(oneOf)) for (const one of oneOf) walk(one, path)
    if (properties === undefined) return
    expect(schema).toHaveProperty('additionalProperties', false)
    for (const [name, property] of Object.entries(properties as object)) {
      settings.push(`${path}.${name}`)
      if (name !== 'kind' && !/^[A-Z_]+$/.test(name)) expect(resolvedIn(root, property)).toHaveProperty('description')
      walk(property, `${path}.${name}`)
    }
    expect(typeof description === 'string' || path === '').toBe(true)
  }
  walk(root, '')
  expect(settings).toContain('.systems.PARTS_LOGISTICS.connector.connectionString')
  expect(settings).toContain('.identity.keys.cooldownSeconds')
})

test('where a number is due, a reference to the environment may stand', () => {
  expect(configJsonSchema()).toHaveProperty('properties.listen.properties.port.anyOf', [
    { type: 'integer', minimum: 0, maximum: 65535 },
    { type: 'string', pattern: '\\$\\{[A-Za-z_]' },
  ])
})

test('the command prints the schema, and refuses what it does not know', async () => {
  const run = async (...args: readonly string[]) => {
    const io = createRecordedIo()
    return { code: await runConfigSchema(args, io), ...io.written }
  }
  expect(await run()).toMatchObject({ code: 0, stdout: configSchemaText() })
  const unknown = await run('--colour')
  expect([unknown.code, unknown.stderr]).toEqual([
    2,
    expect.stringContaining('See: recovery-gateway config schema --help'),
  ])
  const nowhere = await run('--output', '/nowhere/schema.json')
  expect(nowhere.code).toBe(3)
  expect(nowhere.stderr).toBe('/nowhere/schema.json: cannot be written: there is no such directory\n')
})
