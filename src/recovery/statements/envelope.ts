import { z } from 'zod'

/**
 * The claims that every statement has beside those of its kind: what it is for, where it counts and for how long
 * (RFC 7519 §4.1). Called by whoever signs or reads a statement.
 */

/** Seconds since the Unix epoch, up to the end of the year 9999. */
const seconds = z
  .int('must be a whole number of seconds since 1970-01-01T00:00:00Z')
  .min(0)
  .max(253_402_300_799, 'must be a number of seconds since 1970-01-01T00:00:00Z, not of milliseconds')

const statementId = z
  .string()
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'must be a UUID in lower case (RFC 9562)')

export const envelopeSchema = z
  .strictObject({
    ver: z.literal(1).describe('Version of the form of statements: 1'),
    aud: z.string().min(1).max(200).describe('The gateway that it is for, as its configuration names it'),
    inc: z.string().min(1).max(80).describe('The incident that it belongs to'),
    jti: statementId.describe('UUID of the statement; each counts once'),
    iat: seconds.describe('When it was signed, in seconds since 1970-01-01T00:00:00Z'),
    nbf: seconds.optional().describe('From when on it counts, in the same unit; left out: from `iat` on'),
    exp: seconds.describe('Until when it counts, exclusive, in the same unit'),
  })
  .refine(({ iat, exp }) => exp > iat, { path: ['exp'], error: 'must be later than iat' })
  .refine(({ nbf, exp }) => nbf === undefined || exp > nbf, { path: ['nbf'], error: 'must be earlier than exp' })

export type Envelope = z.output<typeof envelopeSchema>

export const ENVELOPE_CLAIMS = Object.keys(envelopeSchema.shape)
