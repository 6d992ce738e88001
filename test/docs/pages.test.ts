import { posix } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { welcome } from '../../src/commands/welcome.ts'
import { EMBEDDED_CONFIG_FILE } from '../../src/config/embedded.ts'
import { configJsonSchema } from '../../src/config/json-schema.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { storyState } from '../support/story-state.ts'
import { documentationPages, projectPaths, readText, tableIn } from './project.ts'

let pages: ReadonlyMap<string, string>
let paths: ReadonlySet<string>
beforeAll(async () => {
  const names = await documentationPages()
  pages = new Map(await Promise.all(names.map(async name => [name, await readText(name)] as const)))
  paths = new Set(await projectPaths())
})

describe('every page', () => {
  test('links to what is there, headings included', () => {
    const broken: string[] = []
    for (const [name, text] of pages) {
      for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https:/.test(target)) continue
        const [path = '', anchor] = target.split('#')
        const file = path === '' ? name : posix.join(posix.dirname(name), path)
        const known = paths.has(file) && (anchor === undefined || anchorsOf(pages.get(file) ?? '').has(anchor))
        if (!known) broken.push(`${name}: ${target}`)
      }
    }
    expect(pages.size).toBeGreaterThan(8)
    expect(broken).toEqual([])
  })

  test('names files and folders that are there', () => {
    const wrong: string[] = []
    for (const [name, text] of pages) {
      for (const [, code = ''] of text.matchAll(/`([^`\n]+)`/g)) {
        if (!isPath(code) || code.startsWith('.data')) continue
        if (!paths.has(code.replace(/\/$/, ''))) wrong.push(`${name}: ${code}`)
      }
    }
    expect(wrong).toEqual([])
  })

  test('names npm scripts that are there', async () => {
    const { scripts } = JSON.parse(await readText('package.json'))
    const named = [...pages.values()].flatMap(text =>
      [
        ...text.matchAll(
          /npm (?:run (?:--silent |-s )?)?(start|test|token|gateway|generate|check|format|codegen|config-schema)\b/g,
        ),
      ].map(match => match[1] ?? ''),
    )
    expect(named.length).toBeGreaterThan(10)
    for (const name of named) expect(scripts).toHaveProperty(name)
    const unknown = [...pages.values()].flatMap(text =>
      [...text.matchAll(/npm run (?:--silent |-s )?([\w:-]+)/g)]
        .map(match => match[1] ?? '')
        .filter(name => !scripts[name]),
    )
    expect(unknown).toEqual([])
  })
})

/** What is written like a path of the project: with a folder in front, or a file of a known kind. */
function isPath(code: string): boolean {
  if (!/^\.?[\w-]+(?:[/.][\w.-]+)*\/?$/.test(code)) return false
  // A media type, or a time zone.
  if (/^(application|text|Europe)\//.test(code) || code.startsWith('/')) return false
  return code.includes('/') || (/\.(ts|md|mjs|yaml|graphql)$/.test(code) && code !== 'my.yaml')
}

/** As GitHub makes them of headings. */
function anchorsOf(page: string): ReadonlySet<string> {
  return new Set(
    [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  )
}

describe('README.md', () => {
  test('shows the terminal of the first start and its commands as they are', async () => {
    const config = await loadConfig(EMBEDDED_CONFIG_FILE, {})
    const state = await storyState()
    const urls = { partners: 'http://127.0.0.1:4000', admin: 'http://127.0.0.1:4001' }
    const terminal = welcome({ ...urls, config, state })
    const readme = pages.get('README.md') ?? ''

    const [head = ''] = /recovery-gateway is ready[\s\S]*?extracts\n/.exec(terminal) ?? []
    expect(readme).toContain(`\`\`\`text\n${head}\`\`\``)
    const commands = (terminal.match(/^ {2}curl [\s\S]*?}'$/gm) ?? []).map(command => command.replace(/^ {2}/gm, ''))
    expect(commands).toHaveLength(4)
    for (const command of commands) expect(readme).toContain(`\`\`\`sh\n${command}\n\`\`\``)
  })

  test('has less than 200 lines', () => {
    expect(pages.get('README.md')?.split('\n').length).toBeLessThan(200)
  })
})

describe('docs/configuration.md', () => {
  test('has every setting of the schema with its default and its meaning, and no other', () => {
    const rows = tableIn(pages.get('docs/configuration.md') ?? '', 'setting', 'default', 'what it is')
    const shown = rows.map(row => [...row.slice(0, 2), row[2]?.replace(/ \(`kind: .*`\)$/, '')])
    expect(shown).toEqual(settingsOf(schema, ''))
  })
})

const schema = configJsonSchema() as unknown as SchemaNode & { readonly $defs: Readonly<Record<string, SchemaNode>> }

interface SchemaNode {
  readonly $ref?: string
  readonly default?: unknown
  readonly description?: string
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly oneOf?: readonly SchemaNode[]
}

type Setting = readonly [path: string, preset: string, meaning: string]

/** Each setting, the three systems as one and each kind of connector after the other. */
function settingsOf(given: SchemaNode, path: string): readonly Setting[] {
  const node = schema.$defs[given.$ref?.replace('#/$defs/', '') ?? ''] ?? given
  const { default: preset, description = '', properties, oneOf } = node
  if (oneOf) return oneOf.flatMap(kind => settingsOf(kind, path))
  if (!properties) return [[path, presetText(preset), meaningOf(description)]]
  return Object.entries(properties).flatMap(([name, node]) => {
    if (name === 'kind' || (path === 'systems' && name !== 'PARTS_LOGISTICS')) return []
    const step = path === 'systems' ? '<SYSTEM>' : name
    return settingsOf(node, path === '' ? step : `${path}.${step}`)
  })
}

/** A mapping is left out: that it may be is said by its absence. */
function presetText(preset: unknown): string {
  return typeof preset === 'object' && !Array.isArray(preset) ? '' : String(preset ?? '').replaceAll(',', ', ')
}

/** `Longest wait. Unit: seconds. Default: 30.` → `Longest wait (seconds)`. */
function meaningOf(description: string): string {
  return description
    .replace(/ Default: .*$/, '')
    .replace(/\. Unit: (.*)\.$/, ' ($1)')
    .replace(/\.$/, '')
}
