import { posix } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import { readText } from '../docs/project.ts'

/** The manifests of `deploy/kubernetes/`, as far as the tests look into them. */

/** Any object of Kubernetes. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> }
  readonly [member: string]: unknown
}

export interface Kustomization {
  readonly resources: readonly string[]
  readonly configMapGenerator: readonly {
    readonly name: string
    readonly files?: readonly string[]
    readonly literals?: readonly string[]
    readonly options?: { readonly labels?: Readonly<Record<string, string>>; readonly disableNameSuffixHash?: boolean }
  }[]
}

export interface PodTemplate {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> }
  readonly spec: {
    readonly automountServiceAccountToken: boolean
    readonly terminationGracePeriodSeconds: number
    readonly securityContext: {
      readonly runAsNonRoot: boolean
      readonly runAsUser: number
      readonly runAsGroup: number
      readonly fsGroup: number
      readonly seccompProfile: { readonly type: string }
    }
    readonly containers: readonly PodContainer[]
    readonly volumes: readonly {
      readonly name: string
      readonly secret?: { readonly secretName: string; readonly defaultMode: number }
    }[]
  }
}

export interface PodContainer {
  readonly image: string
  readonly args: readonly string[]
  readonly env: readonly { readonly name: string; readonly value: string }[]
  readonly envFrom: readonly { readonly configMapRef: { readonly name: string } }[]
  readonly securityContext: {
    readonly allowPrivilegeEscalation: boolean
    readonly readOnlyRootFilesystem: boolean
    readonly capabilities: { readonly drop: readonly string[]; readonly add?: readonly string[] }
  }
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[]
  readonly lifecycle: { readonly preStop: { readonly sleep: { readonly seconds: number } } }
  readonly resources: { readonly limits: { readonly memory: string; readonly 'ephemeral-storage': string } }
  readonly startupProbe: Probe
  readonly readinessProbe: Probe
  readonly livenessProbe: Probe
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string }
}

const FOLDER = 'deploy'
export const KUSTOMIZATION = `${FOLDER}/kustomization.yaml`

export const readKustomization = async (): Promise<Kustomization> => parse(await readText(KUSTOMIZATION))

/** Every object of every resource, in order. */
export async function readManifests(): Promise<readonly Manifest[]> {
  const { resources } = await readKustomization()
  const texts = await Promise.all(resources.map(path => readText(posix.join(FOLDER, path))))
  return texts.flatMap(text => parseAllDocuments(text).map(document => document.toJS() as Manifest))
}

/** The pods' template, and the names of the disks that each has for itself. */
export async function readStatefulSet(): Promise<{
  readonly template: PodTemplate
  readonly volumeClaims: readonly string[]
}> {
  const { spec } = (await readManifests()).find(({ kind }) => kind === 'StatefulSet') as unknown as {
    readonly spec: {
      readonly template: PodTemplate
      readonly volumeClaimTemplates: readonly { readonly metadata: { readonly name: string } }[]
    }
  }
  return { template: spec.template, volumeClaims: spec.volumeClaimTemplates.map(({ metadata }) => metadata.name) }
}

/** The pods of the CronJob that checks a configuration. */
export async function readConfigCheck(): Promise<PodTemplate> {
  const { spec } = (await readManifests()).find(({ kind }) => kind === 'CronJob') as unknown as {
    readonly spec: { readonly jobTemplate: { readonly spec: { readonly template: PodTemplate } } }
  }
  return spec.jobTemplate.spec.template
}
