import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from '@jest/globals'
import { Webhook } from 'standardwebhooks'
import { createSender, type Message } from '../../src/webhooks/sender.ts'
import { readText } from '../docs/project.ts'
import { freePort } from '../support/free-port.ts'
import { SECRET } from './receiver.ts'

/** The receivers on the page for partners, run as they stand there. */

const NODE = [process.execPath, '--input-type=module-typescript', '--eval']
const PYTHON = ['python3', '-c']
const root = fileURLToPath(new URL('../../', import.meta.url))
const hasPython = spawnSync('python3', ['--version']).status === 0

let running: ChildProcess | undefined
afterEach(() => void running?.kill())

async function codeIn(language: string): Promise<string> {
  const [, code] =
    new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(await readText('docs/partners/webhooks.md')) ?? []
  if (code === undefined) throw new Error(`the page has no receiver in ${language}`)
  return code
}

describe.each([
  ['ts', NODE, true],
  ['python', PYTHON, hasPython],
] as const)('the receiver in %s', (language, [command = '', ...options], isThere) => {
  const run = isThere ? test : test.skip
  run('takes a message once, and none that is not signed, is altered or is old', async () => {
    const port = await freePort()
    const env = { ...process.env, PORT: String(port), WEBHOOK_SECRET: SECRET, PYTHONUNBUFFERED: '1' }
    running = spawn(command, [...options, await codeIn(language)], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    if (running.stdout === null) throw new Error('its output is a pipe')
    const said = text(running.stdout)
    let aheadMs = 0
    const sender = createSender({ timeoutMs: 5_000, now: () => Date.now() + aheadMs })
    const webhook = new Webhook(SECRET)
    const message = {
      url: `http://127.0.0.1:${port}/`,
      id: 'msg_1',
      body: '{"type":"restart.system.changed","data":{"key":"PARTS_LOGISTICS"}}',
      sign: (id: string, at: Date, body: string) => webhook.sign(id, at, body),
    }
    const send = async (changed: Partial<Message> = {}) => {
      const receipt = await sender.send({ ...message, ...changed }, new AbortController().signal)
      return receipt.kind === 'refused' ? receipt.failure : receipt.kind
    }
    while ((await send()) !== 'taken') await setTimeout(50)
    expect(await send()).toBe('taken')
    const stranger = new Webhook(Buffer.alloc(32, 1).toString('base64'))
    expect(await send({ sign: (id, at, body) => stranger.sign(id, at, body) })).toBe('answered 401')
    expect(await send({ sign: (id, at) => webhook.sign(id, at, '{}') })).toBe('answered 401')
    // While the secret is being replaced.
    const both: Message['sign'] = (id, at, body) => `${stranger.sign(id, at, body)} ${webhook.sign(id, at, body)}`
    expect(await send({ id: 'msg_2', sign: both })).toBe('taken')
    aheadMs = -400_000
    expect(await send({ id: 'msg_3' })).toBe('answered 401')
    running.kill()
    await once(running, 'close')
    expect(
      (await said)
        .trim()
        .split('\n')
        .map(line => JSON.parse(line)),
    ).toEqual([JSON.parse(message.body), JSON.parse(message.body)])
    await sender.close()
  })
})
