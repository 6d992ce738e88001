import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { installed, lockedPackages } from '../deploy/production-packages.ts'
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
  'Unlicense',
])

describe('npm run sbom', () => {
  let text: string
  let bom: Bom
  beforeAll(() => {
    const cwd = fileURLToPath(new URL('../../', import.meta.url))
    text = execFileSync('npm', ['run', '--silent', 'sbom'], { cwd, encoding: 'utf8', maxBuffer: 64 << 20 })
    bom = JSON.parse(text)
  }, 60_000)

  const faults = (candidate: string) => new Validation.JsonStrictValidator(Spec.Version.v1dot5).validate(candidate)

  test('prints what the schema of CycloneDX 1.5 allows', async () => {
    expect(bom.specVersion).toBe('1.5')
    expect(await faults(JSON.stringify({ ...bom, components: [{ name: 'untyped' }] }))).not.toBeNull()
    expect(await faults(text)).toBeNull()
  })

  test('names this version, and every package that production has, each with the digest of the lockfile', async () => {
    const { version } = JSON.parse(await readText('package.json'))
    const { name, purl } = bom.metadata.component
    expect([name, purl]).toEqual(['recovery-gateway', `pkg:npm/recovery-gateway@${version}`])
    const wanted = installed(await lockedPackages(), ['dev']).map(locked => `${locked.name}@${locked.version}`)
    const listed = bom.components.map(component => `${component.name}@${component.version}`)
    expect(new Set(listed)).toEqual(new Set(wanted))
    expect(listed.length).toBe(new Set(listed).size)
    expect(bom.components.filter(({ hashes }) => !hashes?.some(({ alg }) => alg === 'SHA-512'))).toEqual([])
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
