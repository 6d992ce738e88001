/**
 * The bytes of base64url as RFC 7515 §2 writes it: no padding, no stray bits, nothing else, and not empty; null: it is not
 * written so. Decoders forgive more, so that one token could be written in many ways.
 */
export function canonicalBytes(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url')
  return text !== '' && bytes.toString('base64url') === text ? bytes : null
}
