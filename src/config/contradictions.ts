import type { Problem } from '../model/operator-file.ts'
import { SYSTEM_KEYS } from '../model/system.ts'
import { connectorPath } from './connector-schema.ts'
import { lastKnownGoodStoreOf } from './last-known-good.ts'
import type { ParsedConfig } from './schema.ts'

/** Rules between settings that are each valid alone. Called by the loader, after the schema. */

export function contradictionsOf(config: ParsedConfig): readonly Problem[] {
  return [aboutEmbedding, aboutRecovery, aboutKeys, aboutTimes, aboutPorts, aboutLastKnownGood, aboutWebhooks].flatMap(
    about => about(config),
  )
}

function aboutEmbedding({ embedded, identity, systems }: ParsedConfig): readonly Problem[] {
  if (embedded === undefined) {
    const problems = SYSTEM_KEYS.flatMap(key =>
      systems[key].connectors.flatMap(({ kind }, index) =>
        kind === 'embedded-postgres'
          ? {
              path: ['systems', key, ...connectorPath(systems[key].connectors, index), 'kind'],
              text: 'embedded-postgres needs the section embedded, which says where its data is kept',
            }
          : [],
      ),
    )
    if (identity.keys !== undefined) return problems
    return [
      ...problems,
      {
        path: ['identity', 'keys'],
        text: 'is missing; must have file, url or discovery: the public keys of the issuer',
      },
    ]
  }
  const problems: Problem[] = []
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

/** Files of the restart that the embedded default makes itself, and that every other configuration has to name. */
function aboutRecovery({ embedded, recovery }: ParsedConfig): readonly Problem[] {
  const { keys, signingKey, checkpoints, journal } = recovery
  const files = [
    {
      path: ['keys'],
      given: keys !== undefined,
      missing: 'must have file and sha256, the public keys of all who sign',
    },
    {
      path: ['signingKey'],
      given: signingKey !== undefined,
      missing: "must be a file with the gateway's own private key",
    },
    {
      path: ['checkpoints', 'file'],
      given: checkpoints.file !== undefined,
      missing: 'must be a file to write checkpoints to',
    },
  ]
  const problems: Problem[] = files
    .filter(({ given }) => given === (embedded !== undefined))
    .map(({ path, given, missing }) => ({
      path: ['recovery', ...path],
      text: given
        ? 'cannot stand beside the section embedded, which makes its own; leave one of them out'
        : `is missing; ${missing}`,
    }))
  if ((journal.kind === 'embedded') === (embedded !== undefined)) return problems
  const text =
    embedded === undefined
      ? 'embedded needs the section embedded, which says where its data is kept'
      : `is ${journal.kind}; must be embedded beside the section embedded, whose first start writes sample statements`
  return [...problems, { path: ['recovery', 'journal', 'kind'], text }]
}

/** Keys are looked at again no more often than the issuer may be asked, and kept longer than until then. */
function aboutKeys({ identity: { keys } }: ParsedConfig): readonly Problem[] {
  if (keys === undefined || keys.kind === 'file') return []
  const ordered = ['cooldownSeconds', 'refreshSeconds', 'keepSeconds'] as const
  return ordered.flatMap((name, index) => {
    const next = ordered[index + 1]
    if (next === undefined || keys[name] <= keys[next]) return []
    const text = `is ${keys[name]}; must be at most identity.keys.${next}, which is ${keys[next]}`
    return { path: ['identity', 'keys', name], text }
  })
}

function aboutTimes({ limits, systems }: ParsedConfig): readonly Problem[] {
  const { requestTimeoutMs, headersTimeoutMs } = limits
  const problems: Problem[] = SYSTEM_KEYS.filter(key => systems[key].deadlineMs >= requestTimeoutMs).map(key => ({
    path: ['systems', key, 'deadlineMs'],
    text: `is ${systems[key].deadlineMs}; must be less than limits.requestTimeoutMs, which is ${requestTimeoutMs}`,
  }))
  for (const key of SYSTEM_KEYS) {
    const { deadlineMs, shield } = systems[key]
    if (shield.slowMs === undefined || shield.slowMs < deadlineMs) continue
    const text = `is ${shield.slowMs}; must be less than deadlineMs of the system, which is ${deadlineMs}`
    problems.push({ path: ['systems', key, 'shield', 'slowMs'], text })
  }
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

/** What is to be kept somewhere needs to be told where. */
function aboutLastKnownGood(config: ParsedConfig): readonly Problem[] {
  const store = lastKnownGoodStoreOf(config)
  if (store.kind === 'shared' && config.sharedStore === undefined)
    return [{ path: ['lastKnownGood', 'store'], text: 'is shared; needs the section sharedStore' }]
  if (store.kind === 'sqlite' && store.path === null)
    return [{ path: ['lastKnownGood', 'file'], text: 'is missing; must be the file of the store sqlite' }]
  if (store.kind !== 'sqlite' && config.lastKnownGood.file !== undefined)
    return [{ path: ['lastKnownGood', 'file'], text: `cannot stand beside the store ${store.kind}, which has no file` }]
  return []
}

/** What is sent is the answer to a document of the gateway's own, which is under the limits of all documents. */
function aboutWebhooks({ webhooks, documents: { maxDepth } }: ParsedConfig): readonly Problem[] {
  if (webhooks.endpoints.length === 0 || maxDepth >= WEBHOOK_DEPTH) return []
  const text = `is ${maxDepth}; must be at least ${WEBHOOK_DEPTH}, so that what webhooks say can be asked`
  return [{ path: ['documents', 'maxDepth'], text }]
}
const WEBHOOK_DEPTH = 5
