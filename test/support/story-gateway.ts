import { makeSampleKeys, type OperatorRole, readSampleKeys } from '../../demo/sample-keys.ts'
import { tellSampleStory } from '../../src/commands/embedded.ts'
import { EMBEDDED_CONFIG_FILE, embeddedDatabaseDirectory } from '../../src/config/embedded.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { systemClock } from '../../src/model/clock.ts'
import type { Receipt } from '../../src/recovery/desk/desk.ts'
import { EMBEDDED_JOURNAL, installEmbeddedJournal } from '../../src/recovery/journal/embedded-store.ts'
import type { Restart } from '../../src/recovery/restart.ts'
import { signStatement } from '../../src/recovery/statements/sign.ts'
import type { ClaimsInputOf, KindName } from '../../src/recovery/statements/statement-kinds.ts'
import { startOn, type TestGateway, type TestGatewayOptions, temporaryDirectory } from './gateway.ts'
import { openPglite } from './pglite.ts'

/** Runs on a real journal that holds the story; what comes after it has to be signed. */
export interface StoryGateway extends TestGateway {
  readonly restart: Restart
  /** A statement by the sample operator of this role, signed now. */
  sign<K extends KindName>(
    role: OperatorRole,
    kind: K,
    claims: ClaimsInputOf<K>,
    lifetimeSeconds?: number,
  ): Promise<string>
  /** The same, handed in. */
  submit<K extends KindName>(
    role: OperatorRole,
    kind: K,
    claims: ClaimsInputOf<K>,
    lifetimeSeconds?: number,
  ): Promise<Receipt>
}

const HOUR_SECONDS = 3_600

/** A gateway with sample keys and a journal of its own, which holds the story as the embedded default tells it. */
export async function startStoryGateway(options: TestGatewayOptions = {}): Promise<StoryGateway> {
  const { clock = systemClock } = options
  const directory = await temporaryDirectory()
  await makeSampleKeys(directory)
  const database = await openPglite({ dataDir: embeddedDatabaseDirectory(directory), relaxedDurability: true })
  await installEmbeddedJournal(database, EMBEDDED_JOURNAL)
  await database.close()
  const { recovery } = await loadConfig(EMBEDDED_CONFIG_FILE, {})
  const { incident, audience, policy } = recovery
  const gateway = await startOn(directory, options, {
    identityKeys: () => ({}),
    settings: { recovery: { incident, audience, policy, journal: { kind: 'embedded' } }, embedded: { directory } },
  })
  const { app, config } = gateway
  if (app.restart === null) throw new TypeError('a gateway with a journal has no restart')
  const { restart } = app
  await tellSampleStory(app, config, { clock, progress: () => {} })
  const keys = await readSampleKeys(directory)
  const sign: StoryGateway['sign'] = (role, kind, claims, lifetimeSeconds = HOUR_SECONDS) =>
    signStatement({
      key: keys(role),
      audience: config.recovery.audience,
      incident: config.recovery.incident,
      kind,
      claims,
      issuedAtMs: clock.now(),
      lifetimeSeconds,
    })
  return {
    ...gateway,
    restart,
    sign,
    submit: async (...statement) => restart.desk.submit(await sign(...statement)),
  }
}
