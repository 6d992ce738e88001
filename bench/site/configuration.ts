import { schemaOf } from '../../demo/server-database.ts'
import { embeddedGatewayDirectory, embeddedGatewayKeyFile, embeddedKeyRingFile } from '../../src/config/embedded.ts'
import { SYSTEM_KEYS } from '../../src/model/system.ts'
import type { BenchIssuer, ConfigFileOptions } from './site.ts'

/** The gateway's configuration at the site: as a manufacturer would run it, but for data and a machine that stand still. */
export interface Configured {
  /** Holds the keys of those who sign. */
  readonly directory: string
  readonly sitesFile: string
  readonly keysSha256: string
  readonly issuer: BenchIssuer
  /** URL of the database for a role. */
  readonly databaseUrl: (role: string) => string
}

/** Most that a variant keeps of answers, where it can be told bytes, and of entries, where it counts those. */
export const CACHE_BYTES = 268_435_456
export const CACHE_ENTRIES = 100_000

export const INCIDENT = 'INC-2025-0901'
export const JOURNAL_ROLE = 'bench_journal'
export const JOURNAL_SCHEMA = 'recovery_journal'

/** Opened just now, as the bench's systems are, a site's ramp would be what is measured. */
const WIDE = {
  concurrency: { start: 1_000, cap: 1_000 },
  callsPerSecond: { start: 1_000_000, cap: 1_000_000 },
  mostWaiting: 100_000,
}

export function configurationOf(
  site: Configured,
  { cached, settings = {}, role = 'bench_gateway' }: ConfigFileOptions,
) {
  const { directory, issuer, databaseUrl } = site
  return {
    listen: { port: 0, adminPort: 0 },
    identity: {
      issuer: issuer.issuer,
      audience: issuer.audience,
      algorithms: ['ES256'],
      keys: { file: issuer.jwksFile },
    },
    sites: site.sitesFile,
    recovery: {
      incident: INCIDENT,
      audience: 'urn:recovery-gateway:bench',
      keys: { file: embeddedKeyRingFile(directory), sha256: site.keysSha256 },
      signingKey: embeddedGatewayKeyFile(directory),
      journal: { kind: 'postgres', connectionString: databaseUrl(JOURNAL_ROLE), schema: JOURNAL_SCHEMA },
      checkpoints: { file: `${embeddedGatewayDirectory(directory)}/checkpoints.jws`, everyEntries: 10_000 },
      // The data stands still at its date, and a run is over before its evidence lapses.
      policy: { attestationMaxHours: 720, limitedOpenHours: 0, feedSilentHours: 876_000, errorRatePercent: 100 },
    },
    systems: Object.fromEntries(
      SYSTEM_KEYS.map(key => [
        key,
        {
          // Counting half a million rows for an attestation takes longer than a partner would wait.
          deadlineMs: 7_000,
          shield: WIDE,
          connector: { kind: 'postgres', connectionString: databaseUrl(role), schema: schemaOf(key), poolSize: 10 },
        },
      ]),
    ),
    // What is measured is what is answered: no load is shed, and the crowd of one partner has a place.
    admission: { loopDelayMs: 0, inFlightPerPartner: 10_000 },
    limits: { operationCost: 1_000_000, costPerMinute: 1_000_000_000 },
    log: { level: 'info' },
    // As much as the peers' caches may hold.
    ...(cached
      ? { responseCache: { bytes: CACHE_BYTES } }
      : { responseCache: { bytes: 0 }, fieldCache: { entries: 0 } }),
    ...settings,
  }
}
