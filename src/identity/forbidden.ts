import { GatewayError } from '../model/errors.ts'

/** The refusal of a client that has no enabled partner here, in one wording for whoever finds it out. */
export function forbidden(clientId: string): GatewayError {
  return new GatewayError('FORBIDDEN', 'The partner of this client is not registered here or is disabled.', {
    cause: new Error(`no enabled partner has the client ${clientId}`),
  })
}
