import { createHash, randomBytes } from 'node:crypto'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { type Compressor, createCompressor } from '../../src/responses/content-coding.ts'
import { type AnswerSurroundings, CONTENT_CODINGS, createFinishedAnswer } from '../../src/responses/finished-answer.ts'
import { bufferBytes } from '../../src/responses/held-bytes.ts'

const DECODERS = { br: brotliDecompressSync, gzip: gunzipSync }

const rows = (count: number) =>
  Buffer.from(JSON.stringify({ data: { parts: Array.from({ length: count }, (_, i) => ({ partNumber: `8K${i}` })) } }))

/** An answer whose codings can be awaited, by a compressor that notes what it is asked for. */
function finish(body: Buffer, compressor: Compressor = createCompressor()) {
  const makings: Promise<Buffer | null>[] = []
  const grown: number[] = []
  let refused = 0
  const surroundings: AnswerSurroundings = {
    onGrown: (_key, _answer, bytes) => grown.push(bytes),
    compressor: {
      pays: compressor.pays,
      compress(coding, bytes) {
        const making = compressor.compress(coding, bytes)
        if (making === null) refused += 1
        else makings.push(making)
        return making
      },
    },
  }
  const answer = createFinishedAnswer({ key: 'key', body, maxAgeSeconds: 5, freshUntilMs: 5_000 }, surroundings)
  return { answer, grown, makings, refused: () => refused, made: () => Promise.all(makings) }
}

describe('a coding', () => {
  test.each(CONTENT_CODINGS)('%s is there after it has been asked for again, and says what was coded', async coding => {
    const body = rows(200)
    const { answer, made, grown } = finish(body)
    expect(answer.encoded(coding)).toBeNull()
    expect(answer.encoded(coding)).toBeNull()
    await made()
    const bytes = answer.encoded(coding) ?? Buffer.alloc(0)
    expect(DECODERS[coding](bytes)).toEqual(body)
    expect(bytes.length).toBeLessThanOrEqual(body.length * 0.9)
    expect(answer.encoded(coding)).toBe(bytes)
    expect(grown).toEqual([bufferBytes(bytes)])
  })

  test('costs nothing for an answer that is asked for once', () => {
    const { answer, makings } = finish(rows(200))
    answer.encoded('br')
    expect(makings).toHaveLength(0)
  })

  test('is made once, however many ask while it is made', async () => {
    const { answer, makings, made, grown } = finish(rows(200))
    for (let i = 0; i < 100; i += 1) expect(answer.encoded('br')).toBeNull()
    await made()
    expect(makings).toHaveLength(1)
    expect(grown).toHaveLength(1)
  })

  test('is counted together with the other one', async () => {
    const { answer, made, grown } = finish(rows(200), createCompressor(2))
    for (const coding of [...CONTENT_CODINGS, ...CONTENT_CODINGS]) answer.encoded(coding)
    await made()
    const codings = CONTENT_CODINGS.map(coding => answer.encoded(coding) ?? Buffer.alloc(0))
    expect(Math.min(...codings.map(({ length }) => length))).toBeGreaterThan(0)
    expect(grown).toHaveLength(2)
    expect(grown[1]).toBe(codings.reduce((total, coding) => total + bufferBytes(coding), 0))
  })

  test('holds no memory beside its own bytes', async () => {
    const { answer, made } = finish(rows(200))
    for (let i = 0; i < 2; i += 1) answer.encoded('gzip')
    await made()
    const bytes = answer.encoded('gzip')
    expect(bytes?.buffer.byteLength).toBe(bytes?.length)
  })

  test('is not made of what fits into one packet', () => {
    const { answer, makings } = finish(Buffer.alloc(1_400, 'a'))
    for (let i = 0; i < 3; i += 1) expect(answer.encoded('gzip')).toBeNull()
    expect(makings).toHaveLength(0)
  })

  test.each(CONTENT_CODINGS)('%s that does not save a tenth is not kept, and not tried again', async coding => {
    const { answer, makings, made, grown } = finish(randomBytes(20_000))
    for (let i = 0; i < 2; i += 1) answer.encoded(coding)
    expect(await made()).toEqual([null])
    for (let i = 0; i < 3; i += 1) expect(answer.encoded(coding)).toBeNull()
    expect(makings).toHaveLength(1)
    expect(grown).toEqual([])
  })
})

describe('a compressor that is busy', () => {
  test('refuses, and makes the coding when it is asked for later', async () => {
    const compressor = createCompressor(1)
    const [one, other] = [finish(rows(200), compressor), finish(rows(300), compressor)]
    for (let i = 0; i < 2; i += 1) one.answer.encoded('br')
    for (let i = 0; i < 2; i += 1) other.answer.encoded('br')
    expect([one.makings.length, other.makings.length, other.refused()]).toEqual([1, 0, 1])
    await one.made()
    expect(other.answer.encoded('br')).toBeNull()
    await other.made()
    expect(brotliDecompressSync(other.answer.encoded('br') ?? Buffer.alloc(0))).toEqual(other.answer.body)
  })

  test('is free again after a coding that could not be made', async () => {
    const compressor = createCompressor(1)
    expect(await compressor.compress('gzip', randomBytes(20_000))).toBeNull()
    expect(await compressor.compress('gzip', rows(200))).not.toBeNull()
  })
})

describe('the entity tag', () => {
  const tagOf = (body: Buffer) => finish(body).answer.etag

  test('is weak, quoted, and the first 22 characters of the digest', () => {
    const body = rows(3)
    expect(tagOf(body)).toBe(`W/"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`)
  })

  test('is the same for equal bodies, another for others, and does not change', () => {
    const { answer } = finish(rows(3))
    expect(answer.etag).toBe(tagOf(rows(3)))
    expect(answer.etag).not.toBe(tagOf(rows(4)))
    expect(answer.etag).toBe(answer.etag)
  })
})
