import type { SystemKey } from '../../model/system.ts'
import { untrusted } from './failure.ts'

/** Takes in the body of an answer, no more of it than may be. Called by the client. */

/** Throws `SYSTEM_DATA_INVALID` where it breaks off or is too long, and the signal's reason where it is given up. */
export async function boundedBody(
  body: AsyncIterable<Buffer>,
  system: SystemKey,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of body) {
      length += chunk.length
      // Leaving the loop ends the connection.
      if (length > maxBytes) break
      chunks.push(chunk)
    }
  } catch {
    signal.throwIfAborted()
    throw untrusted(system, 'an answer broke off before its end')
  }
  if (length <= maxBytes) return Buffer.concat(chunks)
  throw untrusted(
    system,
    `an answer is longer than maxBodyBytes, which is ${maxBytes}; a smaller pageSize makes it shorter`,
  )
}

/** `service` is its name in the message. Throws `SYSTEM_DATA_INVALID` where the bytes are no UTF-8. */
export function decodedBody(body: Buffer, system: SystemKey, service: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw untrusted(system, `${service} answered in another encoding than UTF-8`)
  }
}
