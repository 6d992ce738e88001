import type { Config } from '../config/load-config.ts'
import { loadSchema } from '../graphql/schema.ts'
import type { Clock, OtherClock } from '../model/clock.ts'
import { ConfigError } from '../model/operator-file.ts'
import type { Log } from '../observe/log.ts'
import { SCHEMA_DIRECTORY } from '../partner-api.ts'
import { WriteAccepted } from '../systems/connector.ts'
import type { SystemProof } from '../systems/restored-systems.ts'
import { clockProblems } from './clocks.ts'
import { permissionProblems } from './file-permissions.ts'
import { namedFiles } from './named-files.ts'
import { testSeparation } from './separation/separation.ts'

/**
 * What a gateway shows of itself before it listens: that its caches keep partners apart, that no system took a write, that
 * its keys are its own, and that its clock is right. Called by `serve` in each process that answers partners, once the
 * gateway is built.
 */
export interface SelfTestOptions {
  readonly config: Config
  /** What each system showed of itself just now. */
  readonly proofs: readonly SystemProof[]
  readonly clocks: readonly OtherClock[]
  readonly clock: Clock
  readonly log: Pick<Log, 'warn'>
}

/** What was looked at. */
export interface SelfTest {
  readonly cachedFields: number
  /** Systems that refused a write just now. */
  readonly readOnlySystems: number
  readonly files: number
  readonly clocks: number
  readonly tookMs: number
}

/** @throws ConfigError with all that is wrong, a line for each */
export async function selfTest({ config, proofs, clocks, clock, log }: SelfTestOptions): Promise<SelfTest> {
  const beganMs = performance.now()
  const files = namedFiles(config)
  const [separation, permissions, times] = await Promise.all([
    loadSchema(SCHEMA_DIRECTORY).then(schema => testSeparation({ config, schema, clock })),
    permissionProblems(files),
    clockProblems(clocks, config.selfTest.clockSeconds, log),
  ])
  const problems = [...separation.problems, ...writeProblems(proofs), ...permissions, ...times]
  if (problems.length > 0) throw new ConfigError(['the self-test failed; nothing is served', ...problems])
  return {
    cachedFields: separation.fields,
    readOnlySystems: proofs.filter(({ failure }) => failure === null).length,
    files: files.length,
    clocks: clocks.length,
    tookMs: Math.round(performance.now() - beganMs),
  }
}

/** A system that cannot be reached has shown nothing yet; one that took a write has. */
function writeProblems(proofs: readonly SystemProof[]): readonly string[] {
  return proofs.flatMap(({ system, failure }) =>
    failure instanceof WriteAccepted
      ? [
          `systems.${system}: took a write (${failure.message}); give the gateway's account there the right to read and no other`,
        ]
      : [],
  )
}
