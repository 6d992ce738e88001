import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { parseAllDocuments } from 'yaml'
import { HEAP_SHARE } from '../../src/admission/load-monitor.ts'
import { memoryBoundOf, OUTSIDE_HEAP_BYTES } from '../../src/config/memory-bound.ts'
import { projectPaths, readText } from '../docs/project.ts'
import { copiesOf, only, readStages, type Stage } from './dockerfile.ts'
import { loadExample, requiredVariables, variablesSet } from './example-configuration.ts'
import {
  KUSTOMIZATION,
  type Manifest,
  readConfigCheck,
  readKustomization,
  readManifests,
  readStatefulSet,
} from './manifests.ts'

const MIB = 1_048_576
const mebibytes = (text = '') => Number(/^(\d+)Mi$/.exec(text)?.[1]) * MIB
const DEPLOY = fileURLToPath(new URL('../../deploy', import.meta.url))

const ofKind = async (kind: string) => (await readManifests()).filter(manifest => manifest.kind === kind)

describe('the pods', () => {
  test('are the user of the image, without root, capabilities or a file system to write to', async () => {
    const { template } = await readStatefulSet()
    const [gateway] = template.spec.containers
    const image = (await readStages()).at(-1) as Stage
    const { runAsUser, runAsGroup, runAsNonRoot, seccompProfile } = template.spec.securityContext
    expect(`${runAsUser}:${runAsGroup}`).toBe(only(image, 'USER'))
    expect([runAsNonRoot, seccompProfile.type]).toEqual([true, 'RuntimeDefault'])
    expect(gateway?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    expect(template.spec.automountServiceAccountToken).toBe(false)
    expect(JSON.stringify(template)).not.toMatch(/host(Network|PID|IPC|Path)|privileged|"add"/)
  })

  test('write to the disks of their own that the image has places for, and to nothing else', async () => {
    const { template, volumeClaims } = await readStatefulSet()
    const [gateway] = template.spec.containers
    const written = gateway?.volumeMounts.filter(({ readOnly }) => readOnly !== true) ?? []
    expect(written.map(({ name }) => name)).toEqual(volumeClaims)
    const owned = copiesOf((await readStages()).at(-1) as Stage).filter(({ owner }) => owner !== null)
    expect(written.map(({ mountPath }) => mountPath)).toEqual(owned.map(({ target }) => target))
  })

  test('get secrets by reference alone, and no manifest has one', async () => {
    expect(await ofKind('Secret')).toEqual([])
    const { template } = await readStatefulSet()
    const secret = template.spec.volumes.find(({ name }) => name === 'secrets')?.secret
    expect(secret).toEqual({ secretName: 'recovery-gateway', defaultMode: 0o440 })
    for (const { name, value } of template.spec.containers[0]?.env ?? [])
      expect([name, value]).toEqual([name, expect.stringMatching(/^\/run\/secrets\/recovery-gateway\//)])
  })

  test('set every variable that the configuration names and that has no preset', async () => {
    const { template } = await readStatefulSet()
    const { configMapGenerator } = await readKustomization()
    const literals = configMapGenerator.find(({ name }) => name === 'recovery-gateway-environment')?.literals ?? []
    const names = [
      ...literals.map(literal => literal.split('=')[0] ?? ''),
      ...(template.spec.containers[0]?.env ?? []).map(({ name }) => name),
    ]
    expect(variablesSet(names)).toEqual(await requiredVariables())
  })

  test('are probed where the admin listener answers, and have time to end', async () => {
    const { template } = await readStatefulSet()
    const [gateway] = template.spec.containers
    expect(
      [gateway?.startupProbe, gateway?.readinessProbe, gateway?.livenessProbe].map(probe => probe?.httpGet),
    ).toEqual([
      { path: '/health/ready', port: 'admin' },
      { path: '/health/ready', port: 'admin' },
      { path: '/health/live', port: 'admin' },
    ])
    const config = await loadExample()
    const { ports } = gateway ?? { ports: [] }
    expect(ports.map(({ containerPort }) => containerPort)).toEqual([config.listen.port, config.listen.adminPort])
    const seconds = (gateway?.lifecycle.preStop.sleep.seconds ?? 0) + config.limits.shutdownGraceMs / 1_000
    expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(seconds + 5)
  })

  test('may take the memory that the configuration bounds a process to, and a quarter more', async () => {
    const { template } = await readStatefulSet()
    const bound = memoryBoundOf(await loadExample())
    const limit = mebibytes(template.spec.containers[0]?.resources.limits.memory)
    expect(limit).toBeGreaterThan(bound * 1.25)
    // V8 takes half of a container's memory for its old objects. Within the bound no request is refused for a full heap.
    expect((limit / 2) * HEAP_SHARE).toBeGreaterThan(bound - OUTSIDE_HEAP_BYTES)
  })

  test('have room on the disk of the node for what the kubelet keeps of their logs, beside what they write', async () => {
    const { template } = await readStatefulSet()
    const kept = 5 * 10 * MIB
    expect(mebibytes(template.spec.containers[0]?.resources.limits['ephemeral-storage'])).toBeGreaterThan(4 * kept)
  })
})

const isOfThePods = (name: string) => /^recovery-gateway(-environment)?-[a-z0-9]{10}$/.test(name)

test('the metrics of an instance are found as docs/metrics.md says, while it is not ready too', async () => {
  const service = (await ofKind('Service')).find(({ metadata }) => metadata.name.endsWith('-admin'))
  expect(service?.spec).toMatchObject({ clusterIP: 'None', publishNotReadyAddresses: true })
  expect(await readText('docs/metrics.md')).toContain('regex: recovery-gateway-admin, action: keep')
})

describe('the check of a configuration', () => {
  test('is a pod like those of the instances, which keeps nothing and is found by no Service', async () => {
    const [{ template }, check] = [await readStatefulSet(), await readConfigCheck()]
    const [[gateway], [checker]] = [template.spec.containers, check.spec.containers]
    for (const member of ['image', 'env', 'envFrom', 'securityContext', 'volumeMounts'] as const)
      expect([member, checker?.[member]]).toEqual([member, gateway?.[member]])
    for (const member of ['securityContext', 'automountServiceAccountToken'] as const)
      expect([member, check.spec[member]]).toEqual([member, template.spec[member]])
    expect(check.spec.volumes.slice(0, 2)).toEqual(template.spec.volumes)
    for (const volume of check.spec.volumes.slice(2)) expect(volume).toHaveProperty('emptyDir.sizeLimit')
    expect(checker?.args).toEqual(['config', 'check', gateway?.args.at(-1)])
    expect(check.metadata.labels).not.toEqual(template.metadata.labels)
  })

  test('runs when it is asked to, and can be applied with the configuration before the instances are', async () => {
    const [job] = await ofKind('CronJob')
    expect(job?.spec).toMatchObject({ suspend: true })
    const { configMapGenerator } = await readKustomization()
    const labels = [job?.metadata.labels, ...configMapGenerator.slice(0, 2).map(({ options }) => options?.labels)]
    expect(labels).toEqual(Array(3).fill({ 'recovery-gateway/stage': 'check' }))
    expect(await readText('docs/deployment.md')).toContain('--selector recovery-gateway/stage=check\n')
  })
})

describe('deploy/kustomization.yaml', () => {
  test('has every manifest of deploy/kubernetes/, and files that there are', async () => {
    const { resources, configMapGenerator } = await readKustomization()
    const paths = await projectPaths()
    const there = paths.filter(path => path.startsWith('deploy/kubernetes/')).map(path => path.replace('deploy/', ''))
    expect(resources.toSorted()).toEqual(there.toSorted())
    const files = configMapGenerator.flatMap(({ files = [] }) => files).map(file => `deploy/${file}`)
    expect(files.filter(file => !paths.includes(file))).toEqual([])
  })

  const kubectl = (process.env.PATH ?? '')
    .split(delimiter)
    .map(path => join(path, 'kubectl'))
    .find(existsSync)
  const withKubectl = kubectl === undefined ? test.skip : test
  const build = (directory: string) =>
    parseAllDocuments(execFileSync(kubectl ?? '', ['kustomize', directory], { encoding: 'utf8' })).map(
      document => document.toJS() as Manifest,
    )

  withKubectl('is what kubectl can build, with every object in its namespace (needs kubectl)', () => {
    const built = build(DEPLOY)
    expect(built.length).toBeGreaterThan(15)
    for (const { kind, metadata } of built)
      expect([kind, metadata]).toEqual([
        kind,
        expect.objectContaining(
          kind === 'Namespace' ? { name: 'recovery-gateway' } : { namespace: 'recovery-gateway' },
        ),
      ])
  })

  withKubectl('names alerts and dashboard alike whatever is in them, for whoever mounts them (needs kubectl)', () => {
    const named = build(DEPLOY).filter(({ kind, metadata }) => kind === 'ConfigMap' && !isOfThePods(metadata.name))
    expect(named.map(({ metadata }) => metadata.name)).toEqual([
      'recovery-gateway-alerts',
      'recovery-gateway-dashboard',
    ])
  })

  withKubectl('takes the overlay that docs/deployment.md shows (needs kubectl)', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-overlay-'))
    try {
      const [, overlay = ''] =
        /^```yaml\n(apiVersion: kustomize[\s\S]*?)^```$/m.exec(await readText('docs/deployment.md')) ?? []
      await cp(DEPLOY, join(directory, 'recovery-gateway/deploy'), { recursive: true })
      await mkdir(join(directory, 'site'))
      const files = { 'kustomization.yaml': overlay, 'sites.yaml': '', 'signatories.jwks.json': '', 'ca.pem': '' }
      for (const [name, text] of Object.entries({ ...files, environment: 'ISSUER=https://id.site.example\n' }))
        await writeFile(join(directory, 'site', name), text)
      const text = JSON.stringify(build(join(directory, 'site')))
      expect(text).toContain('"image":"registry.example/recovery-gateway@sha256:…"')
      expect(text).toContain('"cidr":"10.20.1.4/32"')
      expect(text).toContain('"ISSUER":"https://id.site.example"')
      expect(text).toContain('"signatories.jwks.json":""')
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  })

  test('names the image by the version of this project', async () => {
    const { version } = JSON.parse(await readText('package.json'))
    expect(await readText(KUSTOMIZATION)).toContain(`newTag: ${version}\n`)
  })
})
