/**
 * What values take of the process's memory, as V8 lays them out on machines of 64 bits. Called by what is bounded in bytes,
 * before it keeps something; test/responses/held-bytes.test.ts holds it to what a process really grows by.
 */

/** A buffer in memory of its own: the two objects that stand for it, and what is held outside the heap to free it. */
const BUFFER_BYTES = 360
const OBJECT_BYTES = 56
const ARRAY_BYTES = 32
const TEXT_BYTES = 24
const SLOT_BYTES = 8
/** A number that is no small whole one. */
const NUMBER_BYTES = 16

export function bufferBytes(buffer: Buffer): number {
  return BUFFER_BYTES + buffer.length
}

/** Of JSON-safe values: their slots, and what these point to. */
export function valueBytes(value: unknown): number {
  if (typeof value === 'string') return textBytes(value)
  if (typeof value === 'number') return SLOT_BYTES + NUMBER_BYTES
  if (typeof value !== 'object' || value === null) return SLOT_BYTES
  const members = Object.values(value)
  const own = Array.isArray(value) ? ARRAY_BYTES : OBJECT_BYTES
  return members.reduce((sum, member) => sum + valueBytes(member), SLOT_BYTES + own)
}

/** Characters beyond Latin-1 make all of a text's characters two bytes long. */
function textBytes(text: string): number {
  return SLOT_BYTES + TEXT_BYTES + text.length * (LATIN_1.test(text) ? 1 : 2)
}

const LATIN_1 = /^[\0-\xff]*$/
