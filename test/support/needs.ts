import { spawnSync } from 'node:child_process'
import { describe } from '@jest/globals'
import { chromiumBinary } from './chromium.ts'
import { allowsContainers } from './contained.ts'
import { allowsNetworks } from './network.ts'
import { postgresBinaries } from './postgres.ts'
import { redisBinary } from './redis.ts'

/**
 * Groups of tests that need what not every machine has. Where it is missing they are skipped, and their name says what is
 * missing and how to have it; in continuous integration a missing server is a failure.
 */
type Need = 'postgres' | 'redis' | 'network' | 'containers' | 'python' | 'chromium'

const NEEDS: Readonly<Record<Need, { readonly isThere: () => boolean; readonly wanted: string }>> = {
  postgres: { isThere: () => postgresBinaries() !== null, wanted: 'a PostgreSQL server: apt-get install postgresql' },
  redis: { isThere: () => redisBinary() !== null, wanted: 'a Valkey or Redis server: apt-get install redis-server' },
  python: { isThere: hasPython, wanted: 'Python 3.9 or later: apt-get install python3' },
  chromium: { isThere: () => chromiumBinary() !== null, wanted: 'a Chromium: apt-get install chromium' },
  network: { isThere: allowsNetworks, wanted: 'network namespaces: root, and ip of iproute2' },
  containers: { isThere: allowsContainers, wanted: 'namespaces of mounts and processes: root, and util-linux' },
}

export function describeWith(needs: readonly Need[], name: string, tests: () => void): void {
  const missing = needs.map(need => NEEDS[need]).filter(({ isThere }) => !isThere())
  if (missing.length === 0) describe(name, tests)
  else describe.skip(`${name} (wants ${missing.map(({ wanted }) => wanted).join('; ')})`, tests)
}

function hasPython(): boolean {
  return spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 9))']).status === 0
}
