import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from '@jest/globals'

/**
 * The table of the road, held: an import goes from a row to a row below it, never up and never sideways, and no file is
 * reached from itself. Type imports count too. `docs/road.md` shows the same table.
 */
const ROWS: readonly (readonly string[])[] = [
  ['src/main.ts'],
  ['src/commands'],
  ['src/app.ts', 'demo', 'src/self-test'],
  ['src/partner-api.ts'],
  ['src/ground.ts'],
  ['resolvers', 'src/http'],
  ['src/graphql', 'src/responses'],
  ['src/operations', 'src/loaders', 'src/connectors', 'src/admission'],
  ['src/systems', 'src/identity'],
  ['src/store', 'src/status', 'src/webhooks'],
  ['src/recovery', 'src/config'],
  ['src/model', 'src/observe'],
]

const root = fileURLToPath(new URL('../../', import.meta.url))
const imports = new Map<string, readonly string[]>()

beforeAll(async () => {
  for (const folder of ['src', 'resolvers', 'demo']) {
    for (const file of await readdir(join(root, folder), { recursive: true })) {
      if (!file.endsWith('.ts')) continue
      const path = join(folder, file)
      imports.set(path, importsOf(path, await readFile(join(root, path), 'utf8')))
    }
  }
})

/** Formatted code has one import per statement, and only relative ones stay in the project. */
function importsOf(path: string, code: string): readonly string[] {
  const specifiers = [...code.matchAll(/(?:^|\n)(?:import|export)\b[^'"]*?from\s+'(\.[^']+)'|\bimport\('(\.[^']+)'\)/g)]
  return specifiers.map(match => relative(root, resolve(root, dirname(path), match[1] ?? match[2] ?? '')))
}

function placeOf(path: string): { readonly row: number; readonly step: string } {
  for (const [row, steps] of ROWS.entries()) {
    const step = steps.find(name => path === name || path.startsWith(`${name}/`))
    if (step) return { row, step }
  }
  throw new Error(`${path} stands in no row of the table`)
}

describe('the import table', () => {
  test('knows every file', () => {
    expect(imports.size).toBeGreaterThan(80)
    for (const path of imports.keys()) expect(() => placeOf(path)).not.toThrow()
  })

  test('has no arrow that runs up or sideways', () => {
    const wrong = [...imports].flatMap(([path, targets]) =>
      targets
        .filter(target => {
          const [from, to] = [placeOf(path), placeOf(target)]
          return from.step !== to.step && from.row >= to.row
        })
        .map(target => `${path} → ${target}`),
    )
    expect(wrong).toEqual([])
  })

  test('has only imports that lead to a file', () => {
    const missing = [...imports].flatMap(([path, targets]) =>
      targets.filter(target => target.endsWith('.ts') && !imports.has(target)).map(target => `${path} → ${target}`),
    )
    expect(missing).toEqual([])
  })

  test('has no circle', () => {
    const done = new Set<string>()
    const circles: string[] = []
    const follow = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) {
        circles.push([...trail.slice(trail.indexOf(path)), path].join(' → '))
        return
      }
      if (done.has(path)) return
      for (const target of imports.get(path) ?? []) follow(target, [...trail, path])
      done.add(path)
    }
    for (const path of imports.keys()) follow(path, [])
    expect(circles).toEqual([])
  })

  test('leaves the ports to be implemented: no system knows a connector', () => {
    for (const [path, targets] of imports) {
      if (path.startsWith('src/systems/'))
        expect(targets.filter(target => target.startsWith('src/connectors'))).toEqual([])
    }
  })

  test('lets the two files of the composition know every step, and no other', () => {
    const composition = ['src/app.ts', 'src/partner-api.ts']
    const steps = new Set(composition.flatMap(path => imports.get(path) ?? []).map(target => placeOf(target).step))
    for (const step of [
      'src/http',
      'src/identity',
      'src/admission',
      'src/operations',
      'src/graphql',
      'src/responses',
      'resolvers',
      'src/loaders',
      'src/systems',
      'src/connectors',
    ]) {
      expect(steps).toContain(step)
    }
  })
})

/** What runs in a browser, which is no step of the road and knows none. */
describe('the pages', () => {
  const pages = new Map<string, readonly string[]>()
  beforeAll(async () => {
    for (const folder of ['web/page', 'web/explorer']) {
      for (const file of await readdir(join(root, folder), { recursive: true })) {
        if (!/\.tsx?$/.test(file)) continue
        pages.set(join(folder, file), specifiersOf(await readFile(join(root, folder, file), 'utf8')))
      }
    }
  })

  const targetsOf = (path: string) =>
    (pages.get(path) ?? []).map(name =>
      name.startsWith('.') ? relative(root, resolve(root, dirname(path), name)) : name,
    )

  test('know nothing of the gateway but what it answers', () => {
    expect(pages.size).toBeGreaterThan(25)
    for (const path of pages.keys())
      expect([path, targetsOf(path).filter(target => /^(src|resolvers|demo|test)\//.test(target))]).toEqual([path, []])
  })

  test('keep the explorer and its libraries out of the status page', () => {
    for (const path of pages.keys()) {
      if (!path.startsWith('web/page/')) continue
      const foreign = targetsOf(path).filter(
        target => !/^(preact|web\/(page|styles)\/|web\/[\w-]+\.graphql)/.test(target),
      )
      expect([path, foreign]).toEqual([path, []])
    }
  })
})

function specifiersOf(code: string): readonly string[] {
  const found = code.matchAll(/(?:^|\n)(?:import|export)\b(?:[^'"]*?from)?\s*'([^']+)'|\bimport\('([^']+)'\)/g)
  return [...found].map(match => match[1] ?? match[2] ?? '')
}
