import type { Problem } from '../model/operator-file.ts'
import { SYSTEM_KEYS } from '../model/system.ts'
import type { ParsedConfig } from './schema.ts'

/** Rules between settings that are each valid alone. Called by the loader, after the schema. */

export function contradictionsOf(config: ParsedConfig): readonly Problem[] {
  return [...aboutEmbedding(config), ...aboutTimes(config), ...aboutPorts(config)]
}

function aboutEmbedding({ embedded, identity, systems }: ParsedConfig): readonly Problem[] {
  const inside = SYSTEM_KEYS.filter(key => systems[key].connector.kind === 'embedded-postgres')
  if (embedded === undefined) {
    const problems = inside.map(key => ({
      path: ['systems', key, 'connector', 'kind'],
      text: 'embedded-postgres needs the section embedded, which says where its data is kept',
    }))
    if (identity.keys !== undefined) return problems
    return [
      ...problems,
      { path: ['identity', 'keys'], text: 'is missing; must have file or url, the public keys of the issuer' },
    ]
  }
  const problems: Problem[] = []
  if (inside.length === 0) {
    const text = 'holds no system; leave it out, or give a system the connector kind embedded-postgres'
    problems.push({ path: ['embedded'], text })
  }
  if (identity.keys !== undefined) {
    const text = 'cannot stand beside the section embedded, whose issuer makes its own keys; leave one of them out'
    problems.push({ path: ['identity', 'keys'], text })
  }
  if (!identity.algorithms.includes('ES256')) {
    const text = 'must include ES256, with which the issuer of the section embedded signs'
    problems.push({ path: ['identity', 'algorithms'], text })
  }
  return problems
}

function aboutTimes({ limits, systems }: ParsedConfig): readonly Problem[] {
  const { requestTimeoutMs, headersTimeoutMs } = limits
  const problems: Problem[] = SYSTEM_KEYS.filter(key => systems[key].deadlineMs >= requestTimeoutMs).map(key => ({
    path: ['systems', key, 'deadlineMs'],
    text: `is ${systems[key].deadlineMs}; must be less than limits.requestTimeoutMs, which is ${requestTimeoutMs}`,
  }))
  if (headersTimeoutMs > requestTimeoutMs) {
    const text = `is ${headersTimeoutMs}; must be at most limits.requestTimeoutMs, which is ${requestTimeoutMs}`
    problems.push({ path: ['limits', 'headersTimeoutMs'], text })
  }
  return problems
}

function aboutPorts({ listen }: ParsedConfig): readonly Problem[] {
  const { host, port, adminHost, adminPort } = listen
  if (port === 0 || port !== adminPort || host !== adminHost) return []
  return [{ path: ['listen', 'adminPort'], text: `is ${port}; must be another port than listen.port` }]
}
