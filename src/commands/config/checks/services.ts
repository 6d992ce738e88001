import { access, constants } from 'node:fs/promises'
import { dirname } from 'node:path'
import { withTls } from '../../../config/client-tls.ts'
import type { Config } from '../../../config/load-config.ts'
import { parseSiteDirectory } from '../../../config/site-directory.ts'
import { readYaml } from '../../../config/yaml-file.ts'
import type { EmbeddedPostgres } from '../../../connectors/postgres/embedded.ts'
import { createSigningKeys } from '../../../identity/keys/open-keys.ts'
import type { Clock } from '../../../model/clock.ts'
import { fileFailure } from '../../../model/file-failure.ts'
import type { Counters } from '../../../observe/counters.ts'
import type { Log } from '../../../observe/log.ts'
import { createEmbeddedJournalStore, EMBEDDED_JOURNAL } from '../../../recovery/journal/embedded-store.ts'
import { createPostgresJournalStore } from '../../../recovery/journal/postgres-store.ts'
import type { JournalStore } from '../../../recovery/journal/store.ts'
import { readKeyRing } from '../../../recovery/statements/key-ring.ts'
import { readSigningKey } from '../../../recovery/statements/signing-key.ts'
import { openSharedStore } from '../../../store/redis-store.ts'
import { counted } from '../../wording.ts'
import type { Service } from './service-check.ts'
import { trustedDocuments } from './trusted-documents.ts'
import { webhooks } from './webhooks.ts'

/** The files and servers that a configuration names beside its systems, each with how it is looked at. Nothing is written. */
export interface ServiceOptions {
  readonly embedded: EmbeddedPostgres | null
  readonly clock: Clock
  readonly log: Log
  readonly counters: Counters
}

export function servicesOf(config: Config, options: ServiceOptions): readonly Service[] {
  return [
    siteDirectory(config),
    ...trustedDocuments(config),
    issuerKeys(config, options),
    pinnedKeys(config),
    signingKey(config),
    checkpoints(config),
    journal(config, options),
    ...sharedStore(config, options),
    ...webhooks(config, options.log),
  ]
}

function siteDirectory({ sites }: Config): Service {
  return {
    service: 'site directory',
    setting: 'sites',
    remedy: `mend ${sites}`,
    look: async () => counted(parseSiteDirectory(await readYaml(sites), sites).size, 'site'),
  }
}

function issuerKeys({ identity }: Config, { clock, log, counters }: ServiceOptions): Service {
  const { issuer, algorithms } = identity
  return {
    service: "issuer's keys",
    setting: 'identity',
    remedy: `see that the keys of ${issuer} can be had from here`,
    async look() {
      const keys = await createSigningKeys({ source: identity.keys, issuer, algorithms, clock, log, counters })
      try {
        // Waits for them as a token would. That none has this name says nothing of the others.
        await Promise.resolve(keys.find({ alg: algorithms[0] ?? '', kid: '' }, NO_TOKEN)).catch(() => {})
        const { usable, failure } = keys.health()
        if (!usable) throw new Error(failure ?? 'they are not known')
        return `known, of ${issuer}`
      } finally {
        await keys.close()
      }
    },
  }
}

const NO_TOKEN = { payload: '', signature: '' }

function pinnedKeys({ recovery }: Config): Service {
  const { file, sha256 } = recovery.keys
  return {
    service: 'pinned keys',
    setting: 'recovery.keys',
    remedy: 'name the file of public keys that was reviewed, and its digest',
    look: async () => counted((await readKeyRing(file, sha256)).all().length, 'key'),
  }
}

function signingKey({ recovery }: Config): Service {
  return {
    service: "gateway's key",
    setting: 'recovery.signingKey',
    remedy: 'keys new --role GATEWAY makes one; its public part belongs among the pinned keys',
    async look() {
      const [key, pinned] = await Promise.all([
        readSigningKey(recovery.signingKey),
        // Its digest is looked at where the file is.
        readKeyRing(recovery.keys.file, null),
      ])
      if (pinned.find(key.keyId)?.role !== 'GATEWAY')
        throw new Error(`its key ${key.keyId} is not in ${recovery.keys.file} with the role GATEWAY`)
      return `${key.keyId}, pinned as GATEWAY`
    },
  }
}

function checkpoints({ recovery }: Config): Service {
  const { file } = recovery.checkpoints
  return {
    service: 'checkpoints',
    setting: 'recovery.checkpoints.file',
    remedy: 'name a file in a directory that the gateway may write to',
    async look() {
      const directory = dirname(file)
      await access(directory, constants.W_OK | constants.X_OK).catch((cause: unknown) => {
        const reason = fileFailure('written', cause)
        if (reason === null) throw cause
        throw new Error(`${directory}: cannot be written to: ${reason}`)
      })
      return `${directory} can be written to`
    },
  }
}

function journal({ recovery }: Config, { embedded, clock, log }: ServiceOptions): Service {
  const allowedMs = recovery.policy.clockSkewSeconds * 1_000
  return {
    service: 'journal',
    setting: 'recovery.journal',
    remedy:
      'see that connectionString reaches it; journal schema prints the SQL that the owner of the database runs once',
    async look() {
      const store = await journalStore(recovery.journal, embedded, log)
      try {
        await store.prove()
        const offsetMs = await store.clockOffsetMs(clock)
        if (Math.abs(offsetMs) > allowedMs)
          throw new Error(`the clock of its database is ${Math.round(offsetMs / 1_000)} s off that of this machine`)
        return 'can be read and added to, and not changed'
      } finally {
        await store.close()
      }
    },
  }
}

async function journalStore(
  journal: Config['recovery']['journal'],
  embedded: EmbeddedPostgres | null,
  log: Log,
): Promise<JournalStore> {
  if (journal.kind === 'postgres') return createPostgresJournalStore({ ...(await withTls(journal)), log })
  if (embedded === null) throw new TypeError('the configuration has no embedded database and passed its checks')
  return createEmbeddedJournalStore(await embedded.database(), EMBEDDED_JOURNAL)
}

function sharedStore(
  { sharedStore: settings, recovery }: Config,
  { clock, log, counters }: ServiceOptions,
): readonly Service[] {
  if (settings === undefined) return []
  return [
    {
      service: 'shared store',
      setting: 'sharedStore',
      remedy: 'see that its URL, user and key prefix are right; the gateway serves without it, more slowly',
      async look() {
        const store = await openSharedStore({ settings, restart: recovery, clock, log, counters })
        try {
          const { reachable, failure } = await store.firstHealth()
          if (!reachable) throw new Error(failure ?? 'it does not answer')
          return 'answers'
        } finally {
          await store.close()
        }
      },
    },
  ]
}
