import { setTimeout } from 'node:timers/promises'
import type { SharedStoreSettings } from '../../src/config/shared-store-schema.ts'
import { systemClock } from '../../src/model/clock.ts'
import { createCounters } from '../../src/observe/counters.ts'
import { type OpenedStore, openSharedStore, type SharedStoreOptions } from '../../src/store/redis-store.ts'

/** A shared store for a test, over a private server, with what it logged and counted. */
export interface TestStore extends OpenedStore {
  /** The lines of its log, each as its level and message. */
  readonly logged: readonly string[]
  /** Everything that went to the log, in one text. */
  logText(): string
  /** A counter by its name and labels, as `shared_store_failures get timeout`. */
  counted(name: string): number
}

/** The user that `docs/shared-store.md` describes, and its password. */
export const GATEWAY_USER =
  'gateway on >not-a-secret resetkeys ~recovery-gateway:* resetchannels -@all +get +set +pttl +incrbyfloat +multi +exec +time'

export function urlAs(user: string, password: string, url: string): string {
  return url.replace('://', `://${user}:${password}@`)
}

type TestStoreSettings = Partial<SharedStoreSettings & SharedStoreOptions['restart']> & { readonly url: string }

export async function openStore(given: TestStoreSettings): Promise<TestStore> {
  const { incident = 'INC-2025-0901', audience = 'https://gateway.example', ...settings } = given
  const logged: string[] = []
  const texts: string[] = []
  const counters = createCounters()
  const write = (level: string) => (fields: object, message: string) => {
    logged.push(`${level} ${message}`)
    texts.push(JSON.stringify(fields))
  }
  const store = await openSharedStore({
    settings: {
      keyPrefix: 'recovery-gateway:',
      commandTimeoutMs: 200,
      recordBytes: 268_435_456,
      documentBytes: 67_108_864,
      lastKnownBytes: 536_870_912,
      ...settings,
    },
    restart: { incident, audience },
    clock: systemClock,
    log: { info: write('info'), warn: write('warn') },
    counters,
  })
  return {
    ...store,
    logged,
    logText: () => [...logged, ...texts].join('\n'),
    counted: name =>
      counters
        .snapshot()
        .filter(sample => [sample.name, ...Object.values(sample.labels)].join(' ').startsWith(name))
        .reduce((sum, { value }) => sum + value, 0),
  }
}

/** Opened, and answered by its server. */
export async function openedStore(settings: Parameters<typeof openStore>[0]): Promise<TestStore> {
  const store = await openStore(settings)
  await until(() => store.health().reachable)
  return store
}

export async function until(holds: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<void> {
  for (const end = Date.now() + withinMs; Date.now() < end; ) {
    if (await holds()) return
    await setTimeout(10)
  }
  throw new Error(`not so within ${withinMs} ms`)
}
