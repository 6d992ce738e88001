import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readEndpoints } from '../../src/webhooks/endpoint.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-secrets-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const secretOf = (bytes: number) => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`

async function fileWith(text: string, mode = 0o600): Promise<string> {
  const file = join(directory, `secret-${Math.random()}`)
  await writeFile(file, text)
  await chmod(file, mode)
  return file
}

const reading = (...secretFiles: readonly string[]) =>
  readEndpoints([{ id: 'dms', partner: 'BPNL00000R000121', url: 'https://dms.example/', secretFiles }])

test('an endpoint signs with each of its secrets', async () => {
  const [endpoint] = await reading(await fileWith(`${secretOf(24)}\n`), await fileWith(secretOf(64)))
  const signature = endpoint?.sign('msg_1', new Date(1_759_903_200_000), '{}') ?? ''
  expect(signature).toMatch(/^v1,\S+ v1,\S+$/)
  expect(new Set(signature.split(' ')).size).toBe(2)
})

test.each([
  ['', 'is not a secret'],
  ['hunter2', 'is not a secret'],
  [secretOf(23), 'is not a secret'],
  [secretOf(65), 'is not a secret'],
  [secretOf(32).slice('whsec_'.length), 'is not a secret'],
])('a file with %j is refused, and what stands in it is not repeated', async (secret, problem) => {
  const file = await fileWith(secret)
  const refused = await reading(file).catch((thrown: Error) => thrown.message)
  expect(refused).toContain(`webhooks.endpoints dms: ${file}: ${problem}`)
  if (secret !== '') expect(refused).not.toContain(secret)
})

test('a file that others can read, or that is not there, is refused', async () => {
  const open = await fileWith(secretOf(32), 0o644)
  await expect(reading(open, join(directory, 'none'))).rejects.toThrow(
    /so other users can read the secret; run: chmod 0600 .*\n.*none: cannot be read: there is no such file/,
  )
})
