import { describe } from '@jest/globals'
import { chromiumBinary } from '../web/browser.ts'
import { allowsNetworks } from './network.ts'
import { postgresBinaries } from './postgres.ts'
import { redisBinary } from './redis.ts'

/**
 * Groups of tests that need what not every machine has. Where it is missing they are skipped, and their name says what is
 * missing and how to have it; in continuous integration a missing server is a failure.
 */
type Need = 'postgres' | 'redis' | 'network' | 'chromium'

const NEEDS: Readonly<Record<Need, { readonly isThere: () => boolean; readonly wanted: string }>> = {
  postgres: { isThere: () => postgresBinaries() !== null, wanted: 'a PostgreSQL server: apt-get install postgresql' },
  redis: { isThere: () => redisBinary() !== null, wanted: 'a Valkey or Redis server: apt-get install redis-server' },
  chromium: { isThere: () => chromiumBinary() !== null, wanted: 'a Chromium: apt-get install chromium' },
  network: { isThere: allowsNetworks, wanted: 'network namespaces: root, and ip of iproute2' },
}

export function describeWith(needs: readonly Need[], name: string, tests: () => void): void {
  const missing = needs.map(need => NEEDS[need]).filter(({ isThere }) => !isThere())
  if (missing.length === 0) describe(name, tests)
  else describe.skip(`${name} (wants ${missing.map(({ wanted }) => wanted).join('; ')})`, tests)
}
