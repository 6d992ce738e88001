import { readFile } from 'node:fs/promises'
import { expect, test } from '@jest/globals'
import { runCommand } from '../../src/commands/command-line.ts'
import { SYSTEM_KEYS, systemSlug } from '../../src/model/system.ts'
import { RELATIONS } from '../../src/systems/relations/all.ts'
import { commandsIn, operatorsPage } from './operators-page.ts'
import { createRecordedIo } from './recorded-io.ts'

/** `docs/operators.md` is held to the commands that there are. */

async function run(args: readonly string[]) {
  const io = createRecordedIo()
  return { code: await runCommand(args, io), ...io.written }
}

test('lists every operators’ command as the command line does, and no other', async () => {
  const listed = [...(await run(['help'])).stdout.matchAll(/^ {2}(\S.*?) {2,}(\S.*)$/gm)].map(([, form, does]) => [
    form,
    does,
  ])
  const platform = ['serve', 'token', 'report', 'generate', 'config']
  const rows = [...operatorsPage.matchAll(/^\| `([^`]+)` \| ([a-z].*) \|$/gm)].map(([, form, does]) => [
    form?.replaceAll('\\|', '|'),
    does,
  ])
  expect(rows).toEqual(listed.filter(([form]) => !platform.includes(form?.split(' ')[0] ?? '')))
})

test('shows commands with the options that they have', async () => {
  const commands = commandsIn()
  expect(commands.length).toBeGreaterThan(40)
  for (const command of commands) {
    const args = [...command.replace(/ > .*/, '').matchAll(/"([^"]*)"|(\S+)/g)].map(
      ([, quoted, word]) => quoted ?? word ?? '',
    )
    // Help comes only after all options are known.
    const { code, stdout, stderr } = await run([...args, '--help'])
    expect([command, code, stderr]).toEqual([command, 0, ''])
    expect(stdout).toMatch(/^usage: recovery-gateway /)
  }
})

test('the reference of attestations has every relation with the columns that can be summed', async () => {
  const reference = await readFile(new URL('../../docs/statements/restore-attestation.md', import.meta.url), 'utf8')
  const rows = [...reference.matchAll(/^\| ([a-z-]+) \| `(\w+)` \| (.*) \|$/gm)].map(([, ...cells]) => cells)
  const relations = SYSTEM_KEYS.flatMap(key =>
    RELATIONS[key].map(({ name, sums }) => [systemSlug(key), name, sums.map(sum => `\`${sum}\``).join(', ')]),
  )
  expect(rows).toEqual(relations)
})
