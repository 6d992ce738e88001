import { keyOf } from '../model/key.ts'

/**
 * A JSON text as it lies in the shared store: with its format, the time until which it may be used, and a digest over
 * these, the text and the key that it was kept under. What was cut, changed, put under another key or written in another
 * format does not open. That guards against faults, not against who may write to the store. Pure.
 */

const FORMAT = 'record-2'

/** `expiresAt` in milliseconds since the Unix epoch. */
export function seal(key: string, json: string, expiresAt: number): string {
  return `${FORMAT} ${expiresAt} ${keyOf(FORMAT, key, String(expiresAt), json)} ${json}`
}

export interface Opened {
  readonly value: unknown
  readonly expiresAt: number
}

/** Null: not what was sealed under this key. */
export function open(key: string, sealed: string): Opened | null {
  const [, expiresAt = '', digest, json = ''] = /^record-2 (\d{1,16}) (\S{43}) (.*)$/s.exec(sealed) ?? []
  if (digest !== keyOf(FORMAT, key, expiresAt, json)) return null
  return { value: JSON.parse(json), expiresAt: Number(expiresAt) }
}
