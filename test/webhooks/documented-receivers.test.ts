import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test } from '@jest/globals'
import { Webhook } from 'standardwebhooks'
import { createSender, type Message } from '../../src/webhooks/sender.ts'
import { blocksOf } from '../docs/blocks.ts'
import { readText } from '../docs/project.ts'
import { freePort } from '../support/free-port.ts'
import { SECRET } from './receiver.ts'

/** The receivers on the page for partners, run as they stand there. */

/** The receiver that is run, and its port. */
interface Started {
  readonly port: number
  /** What it has written, when it is ended. */
  said(): Promise<string>
}

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

async function start(language: string, [command = '', ...options]: readonly string[]): Promise<Started> {
  const port = await freePort()
  const env = { ...process.env, PORT: String(port), WEBHOOK_SECRET: SECRET, PYTHONUNBUFFERED: '1' }
  const child = spawn(command, [...options, await codeIn(language)], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  running = child
  const written = text(child.stdout)
  // Until it listens.
  while ((await fetch(`http://127.0.0.1:${port}/`, { method: 'POST' }).catch(() => null)) === null) await setTimeout(50)
  return {
    port,
    async said() {
      child.kill()
      await once(child, 'close')
      return written
    },
  }
}

describe.each([
  ['ts', NODE, true],
  ['python', PYTHON, hasPython],
] as const)('the receiver in %s', (language, program, isThere) => {
  const run = isThere ? test : test.skip
  run('takes a message once, and none that is not signed, is altered or is old', async () => {
    const { port, said } = await start(language, program)
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
    expect(await send()).toBe('taken')
    expect(await send()).toBe('taken')
    const stranger = new Webhook(Buffer.alloc(32, 1).toString('base64'))
    expect(await send({ sign: (id, at, body) => stranger.sign(id, at, body) })).toBe('answered 401')
    expect(await send({ sign: (id, at) => webhook.sign(id, at, '{}') })).toBe('answered 401')
    // While the secret is being replaced.
    const both: Message['sign'] = (id, at, body) => `${stranger.sign(id, at, body)} ${webhook.sign(id, at, body)}`
    expect(await send({ id: 'msg_2', sign: both })).toBe('taken')
    aheadMs = -400_000
    expect(await send({ id: 'msg_3' })).toBe('answered 401')
    expect(
      (await said())
        .trim()
        .split('\n')
        .map(line => JSON.parse(line)),
    ).toEqual([JSON.parse(message.body), JSON.parse(message.body)])
    await sender.close()
  })

  run.each<readonly [string, Readonly<Record<string, string>>]>([
    ['nothing of a signature', {}],
    ['a time that is none', { 'webhook-id': 'msg_1', 'webhook-timestamp': 'abc', 'webhook-signature': 'v1,abc' }],
    [
      'a signature that is none',
      { 'webhook-id': 'msg_1', 'webhook-timestamp': '1', 'webhook-signature': 'ä'.repeat(9) },
    ],
  ])('answers 401 to a message with %s', async (_, headers) => {
    const { port } = await start(language, program)
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: '{}', headers })
    expect(answer.status).toBe(401)
  })

  run('takes a message while somebody else says nothing, and refuses one that is too long', async () => {
    const { port } = await start(language, program)
    const silent = connect(port, '127.0.0.1')
    await once(silent, 'connect')
    try {
      expect((await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: '{}' })).status).toBe(401)
      const long = connect(port, '127.0.0.1')
      long.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n')
      const [answer] = await once(long, 'data')
      expect(String(answer)).toMatch(/^HTTP\/1\.[01] 413 /)
      long.destroy()
    } finally {
      silent.destroy()
    }
  })

  run('goes on when a message breaks off', async () => {
    const { port } = await start(language, program)
    const half = connect(port, '127.0.0.1')
    half.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{')
    await setTimeout(50)
    half.destroy()
    await setTimeout(50)
    expect((await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: '{}' })).status).toBe(401)
  })

  run('takes what the page sends to try it', async () => {
    const { port } = await start(language, program)
    const [block] = blocksOf(await readText('docs/partners/webhooks.md')).filter(({ language }) => language === 'sh')
    const env = { ...process.env, WEBHOOK_SECRET: SECRET, RECEIVER: `http://127.0.0.1:${port}/` }
    const { stdout } = await promisify(execFile)('bash', ['-c', block?.text ?? ''], { env })
    expect(stdout).toBe('204\n')
  })
})

test('the message that the page shows has the signature that it shows', async () => {
  const page = await readText('docs/partners/webhooks.md')
  const [block] = blocksOf(page).filter(({ section, language }) => section === '## A message' && language === 'text')
  const [head = '', body = ''] = (block?.text ?? '').trimEnd().split('\n\n')
  const header = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(head)?.[1] ?? ''
  const [secret = ''] = /whsec_[\w+/=]{20,}/.exec(page) ?? []
  const at = new Date(1_000 * Number(header('webhook-timestamp')))
  expect(new Webhook(secret).sign(header('webhook-id'), at, body)).toBe(header('webhook-signature'))
  // By hand, as the page says it.
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const signed = `${header('webhook-id')}.${header('webhook-timestamp')}.${body}`
  expect(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`).toBe(header('webhook-signature'))
  expect(JSON.parse(body)).toMatchObject({ type: 'restart.update.published', timestamp: at.toISOString() })
})
