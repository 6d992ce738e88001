import { GatewayError } from '../model/errors.ts'
import type { SystemKey } from '../model/system.ts'

/**
 * The error for data that cannot be trusted, of the whole system or of some keys. Made here, by the border's callers and
 * by connectors that see it first; `cause` is for the log alone and names no value.
 */
export function invalidData(system: SystemKey, cause?: Error): GatewayError {
  return new GatewayError(
    'SYSTEM_DATA_INVALID',
    `${system} gave data that is not what it should be; it was not passed on.`,
    { ...(cause && { cause }), details: { system } },
  )
}
