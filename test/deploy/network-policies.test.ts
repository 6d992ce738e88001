import { BlockList } from 'node:net'
import { describe, expect, test } from '@jest/globals'
import * as networking from 'kubernetes-models/networking.k8s.io/v1'
import { parse } from 'yaml'
import { readText } from '../docs/project.ts'
import { type Manifest, readConfigCheck, readManifests, readStatefulSet } from './manifests.ts'

/** What the configuration speaks to, each by a policy of its own. */
const SERVERS = ['parts-logistics', 'wholesale-finance', 'production-schedule', 'journal', 'shared-store', 'issuer']

interface NetworkPolicy extends Manifest {
  readonly spec: {
    readonly podSelector: {
      readonly matchLabels?: Readonly<Record<string, string>>
      readonly matchExpressions?: readonly object[]
    }
    readonly policyTypes: readonly string[]
    readonly ingress?: readonly Rule[]
    readonly egress?: readonly Rule[]
  }
}
interface Rule {
  readonly from?: readonly Readonly<Record<string, unknown>>[]
  readonly to?: readonly Readonly<Record<string, unknown>>[]
  readonly ports?: readonly { readonly port: number | string }[]
}

interface Block {
  readonly ipBlock: { readonly except: readonly string[] }
}
const policies = async () =>
  (await readManifests()).filter(({ kind }) => kind === 'NetworkPolicy') as unknown as readonly NetworkPolicy[]

describe('the network policies', () => {
  test('deny everything that another does not allow', async () => {
    const [first] = await policies()
    expect(first?.spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] })
  })

  test('let the gateway speak to the three systems, the journal, the shared store, the issuer and the resolver of names', async () => {
    const outward = (await policies()).filter(({ spec }) => spec.egress)
    expect(outward.map(({ metadata }) => metadata.name)).toEqual(['to-names', ...SERVERS.map(name => `to-${name}`)])
    for (const { metadata, spec } of outward.slice(1)) {
      const [rule, another] = spec.egress ?? []
      expect([metadata.name, another, rule?.ports?.length]).toEqual([metadata.name, undefined, 1])
      expect(rule?.to).toEqual([{ ipBlock: { cidr: expect.stringMatching(/^(192\.0\.2|198\.51\.100)\.\d+\/32$/) } }])
    }
  })

  test('have one for webhooks in docs/deployment.md, which leads to no network of the site’s own', async () => {
    const [, text = ''] =
      /^```yaml\n(apiVersion: networking[\s\S]*?)^```$/m.exec(await readText('docs/deployment.md')) ?? []
    const { spec, ...shown } = parse(text) as NetworkPolicy
    new networking.NetworkPolicy({ ...shown, spec } as never).validate()
    const { template } = await readStatefulSet()
    expect(spec.podSelector).toEqual({ matchLabels: template.metadata.labels })
    const [block] = (spec.egress ?? []).flatMap(({ to = [] }) => to) as unknown as readonly Block[]
    const kept = new BlockList()
    for (const range of block?.ipBlock.except ?? []) {
      const [address = '', prefix] = range.split('/')
      kept.addSubnet(address, Number(prefix))
    }
    // Private, shared, loopback and link-local: RFC 1918, 6598, 1122, 3927; the last one is a cloud's metadata.
    const own = ['10.1.2.3', '172.31.0.1', '192.168.9.9', '100.100.0.1', '127.0.0.1', '169.254.169.254']
    expect(own.filter(address => !kept.check(address))).toEqual([])
    expect(kept.check('203.0.113.7')).toBe(false)
  })

  test('let partners reach one port, and whoever collects metrics the other', async () => {
    const inward = (await policies()).filter(({ spec }) => spec.ingress)
    const ports = inward.map(({ spec }) => spec.ingress?.flatMap(({ ports }) => ports ?? []))
    expect(ports).toEqual([[{ port: 'partners' }], [{ port: 'admin' }]])
    for (const { spec } of inward) for (const { from } of spec.ingress ?? []) expect(from).toHaveLength(1)
  })

  test('are all about the pods of the gateway, and those outward about what checks its configuration too', async () => {
    const [{ template }, check] = [await readStatefulSet(), await readConfigCheck()]
    const [instances, ...others] = [template, check].flatMap(({ metadata }) => Object.entries(metadata.labels))
    const [key = '', name] = instances ?? []
    const both = { key, operator: 'In', values: [name, others[0]?.[1]] }
    for (const { spec } of (await policies()).slice(1))
      expect(spec.podSelector).toEqual(
        spec.egress ? { matchExpressions: [both] } : { matchLabels: template.metadata.labels },
      )
  })
})
