import type { SystemKey, SystemLifecycle } from '../../model/system.ts'
import type { GuardResult } from '../lifecycle/guard-result.ts'
import type { RecoveryState } from '../state.ts'
import type { StatementRefusal } from '../statements/refusal.ts'
import type { Statement } from '../statements/statement-kinds.ts'

/** The desk where statements are handed in. The admin listener and the first start of the embedded default are its callers. */
export interface Desk {
  /** Verifies, judges and appends; in force when it resolves. Throws `StatementRefusal`, and nothing has changed. */
  submit(token: string): Promise<Receipt>
  /** The same without appending: what would happen. Throws nothing but what is not a statement's fault. */
  preview(token: string): Promise<Preview>
  /** All guards of a step now, without a statement; `to` null: of the next step up. */
  check(system: SystemKey, to: SystemLifecycle | null): Promise<Check>
}

export interface Receipt {
  readonly sequence: number
  readonly recordedAt: string
  readonly statement: Statement
  readonly guards: readonly GuardResult[]
}

export interface Preview {
  /** Null: it would be accepted. */
  readonly refusal: StatementRefusal | null
  readonly guards: readonly GuardResult[]
  readonly before: RecoveryState
  /** The state as it would be; that before, where the statement would be refused. */
  readonly after: RecoveryState
}

export interface Check {
  readonly system: SystemKey
  readonly from: SystemLifecycle
  /** Null: there is no step up from here. */
  readonly to: SystemLifecycle | null
  readonly guards: readonly GuardResult[]
}
