import { createHash } from 'node:crypto'
import { SAMPLE_OPERATORS } from '../../demo/sample-keys.ts'
import { readSamplePartners } from '../../demo/sample-partners.ts'
import { readStory, type StoryStep } from '../../demo/story-steps.ts'
import { EMBEDDED_CONFIG_FILE } from '../../src/config/embedded.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import type { AcceptedStatement } from '../../src/recovery/fold/accepted.ts'
import { fold } from '../../src/recovery/fold/fold.ts'
import { initialSnapshot } from '../../src/recovery/fold/initial.ts'
import type { RecoveryState } from '../../src/recovery/state.ts'
import { kindNamed, type Statement } from '../../src/recovery/statements/statement-kinds.ts'

const DAY_MS = 86_400_000

/**
 * Today's state of the embedded default: its story folded as if each statement had been recorded when it happened. No
 * key, no guard and no journal is in it, so it is there at once; that the guards let the story pass is tested apart.
 */
export async function storyState(): Promise<RecoveryState> {
  const { recovery } = await loadConfig(EMBEDDED_CONFIG_FILE, {})
  const story = await readStory(await readSamplePartners())
  const rules = { policy: recovery.policy, withdrawalOf: () => null }
  return fold(initialSnapshot(recovery.incident, story[0]?.at ?? ''), story.map(accepted), rules).state
}

function accepted(step: StoryStep, index: number): AcceptedStatement {
  const hash = createHash('sha256').update(step.id).digest('hex')
  return { sequence: index + 1, hash, recordedAt: step.at, statement: statementOf(step, hash), guards: [] }
}

function statementOf({ id, at, kind, signedBy, claims }: StoryStep, digest: string): Statement {
  const written = kind === 'restore-attestation' ? { ...claims, totals: {} } : claims
  return {
    kind,
    id,
    token: '',
    digest,
    issuedAt: at,
    expiresAt: new Date(Date.parse(at) + 30 * DAY_MS).toISOString(),
    notBefore: null,
    signedBy: { keyId: signedBy, role: signedBy, name: SAMPLE_OPERATORS[signedBy] },
    claims: kindNamed(kind).claims.parse(written),
    // The kind and its claims belong together, which the compiler cannot see through the list of kinds.
  } as Statement
}
