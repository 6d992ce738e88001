import { GatewayError } from '../model/errors.ts'
import type { SystemKey } from '../model/system.ts'

/** What a partner is told of a system that gave no answer: thrown by the restored system, and by its shield where that holds back. */
export class NoAnswer extends GatewayError {
  constructor(code: 'DEADLINE_EXCEEDED' | 'SYSTEM_UNAVAILABLE', { system, retryAfterSeconds, cause }: NoAnswerOptions) {
    const what = code === 'DEADLINE_EXCEEDED' ? 'did not answer in time' : 'cannot answer now'
    super(code, `${system} ${what}.`, { cause, details: { system, retryAfterSeconds } })
  }
}

export interface NoAnswerOptions {
  readonly system: SystemKey
  readonly retryAfterSeconds: number
  readonly cause?: unknown
}
