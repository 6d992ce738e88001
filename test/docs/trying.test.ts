import { tmpdir } from 'node:os'
import { describe, expect, test } from '@jest/globals'
import { blocksOf } from './blocks.ts'
import { settingFaults } from './configuration-shown.ts'
import { openPageShell } from './page-shell.ts'
import { reasonNotToRun } from './pages.ts'
import { jsonFault, textFault } from './shown-answer.ts'

/** What tries the pages finds what is wrong in them. */

describe('an answer that is shown', () => {
  const came = { data: { part: { number: 'A1', at: '2025-10-08T05:30:00.000Z' }, list: [1, 2, 3] }, left: 7 }

  test.each<[string, unknown]>([
    ['as it came', came],
    ['with another time', { ...came, data: { ...came.data, part: { number: 'A1', at: '2026-01-01T00:00:00Z' } } }],
    ['cut short', { data: { '…': '…', list: [1, '…'] }, left: '…' }],
    ['as a part of it', { number: 'A1', at: '2025-10-08T05:30:00.000Z' }],
  ])('%s is right', (_, shown) => {
    expect(jsonFault(shown, came)).toBeNull()
  })

  test.each<[string, unknown, string]>([
    ['with another value', { data: { ...came.data, part: { number: 'B2', '…': '…' } }, left: 7 }, 'number: is "A1"'],
    ['with less than there is', { data: came.data }, 'has left as well'],
    ['with more than there is', { ...came, more: 1 }, 'more: is undefined'],
    ['with a list of another length', { data: { '…': '…', list: [1, 2] }, left: 7 }, 'list: has 3 entries'],
    ['with text for a number', { ...came, left: '7' }, 'left: is 7'],
  ])('%s is wrong', (_, shown, fault) => {
    expect(jsonFault(shown, came)).toContain(fault)
  })

  test('as text is right whatever time it says, and wrong in another order or with other words', () => {
    const text = 'as of 2025-10-08 05:30Z\n  29.000 PR   at Mercia Park\nlast'
    expect(textFault('as of 2025-10-09 06:00Z\n… at Mercia Park', text)).toBeNull()
    expect(textFault('at Mercia Park\n…\nas of 2025-10-08 05:30Z', text)).toContain('does not show: as of')
    expect(textFault('30.000 PR', text)).toContain('30.000 PR')
  })
})

test('a page keeps its shell: what is set stays, and what fails is named', async () => {
  const shell = await openPageShell(tmpdir(), process.env)
  try {
    expect(await shell.run('word=kept; cat <<END\n$HOME\nEND\n')).toMatchObject({ failed: [], stderr: '' })
    const output = await shell.run('echo "$word"\nfalse | cat\nls /nowhere-at-all\necho on\n')
    expect(output.stdout).toBe('kept\non\n')
    expect(output.failed).toEqual(["'cat'", "'ls /nowhere-at-all'"])
    expect(output.stderr).toContain('nowhere-at-all')
  } finally {
    await shell.close()
  }
})

test('a block knows its language, what it is, where it stands, and why it is not run', () => {
  const page =
    '# One\n\n```sh\na\n```\n## Two\n\n1. x\n\n   <!-- not run: no reason -->\n   ```ts src/a.ts\n   b\n   ```\n'
  const [first, second] = blocksOf(page)
  expect(first).toEqual({ language: 'sh', info: '', text: 'a\n', line: 4, section: '# One', remark: '' })
  expect(second).toMatchObject({ language: 'ts', info: 'src/a.ts', text: 'b\n', line: 12, section: '## Two' })
  expect(second && reasonNotToRun(second)).toBe('no reason')
})

test('a setting that there is not is found, however deep', () => {
  expect(settingFaults({ listen: { port: 1 }, recovery: { keys: { file: 'x' } } })).toEqual([])
  expect(settingFaults({ recovery: { keys: { fle: 'x' } } })).toEqual(['there is no setting recovery.keys.fle'])
  expect(settingFaults({ connectors: [{ kind: 'extracts', directry: 'x' }] })).not.toEqual([])
})
