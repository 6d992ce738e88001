import type { RecoveryEvidenceResolvers } from '../src/graphql/schema.generated.ts'

export const RecoveryEvidence: RecoveryEvidenceResolvers = {
  statementDigest: evidence => evidence.digest,
}
