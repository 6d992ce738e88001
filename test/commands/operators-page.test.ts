import { readFile } from 'node:fs/promises'
import { expect, test } from '@jest/globals'
import { runCommand } from '../../src/commands/command-line.ts'
import { createRecordedIo } from './recorded-io.ts'

/** `docs/operators.md` is held to the commands that there are. */

const page = await readFile(new URL('../../docs/operators.md', import.meta.url), 'utf8')

async function run(args: readonly string[]) {
  const io = createRecordedIo()
  return { code: await runCommand(args, io), ...io.written }
}

test('lists every operators’ command as the command line does, and no other', async () => {
  const listed = [...(await run(['help'])).stdout.matchAll(/^ {2}(\S.*?) {2,}(\S.*)$/gm)].map(([, form, does]) => [
    form,
    does,
  ])
  const platform = ['serve', 'token', 'generate', 'config-schema']
  const rows = [...page.matchAll(/^\| `([^`]+)` \| ([a-z].*) \|$/gm)].map(([, form, does]) => [
    form?.replaceAll('\\|', '|'),
    does,
  ])
  expect(rows).toEqual(listed.filter(([form]) => !platform.includes(form?.split(' ')[0] ?? '')))
})

test('shows commands with the options that they have', async () => {
  const blocks = [...page.matchAll(/^ *```sh\n([\s\S]*?)```$/gm)].map(([, text = '']) => text)
  const commands = blocks.flatMap(text => text.replaceAll('\\\n', ' ').trim().split('\n'))
  expect(commands.length).toBeGreaterThan(20)
  for (const command of commands) {
    const [name, ...args] = [...command.replace(/ > .*/, '').matchAll(/"([^"]*)"|(\S+)/g)].map(
      ([, quoted, word]) => quoted ?? word ?? '',
    )
    expect(name).toBe('recovery-gateway')
    // Help comes only after all options are known.
    const { code, stdout, stderr } = await run([...args, '--help'])
    expect([command, code, stderr]).toEqual([command, 0, ''])
    expect(stdout).toMatch(/^usage: recovery-gateway /)
  }
})
