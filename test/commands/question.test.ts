import { PassThrough } from 'node:stream'
import { expect, test } from '@jest/globals'
import { askYesOrNo } from '../../src/commands/question.ts'

function ask(typed: string) {
  const [input, output] = [new PassThrough(), new PassThrough()]
  const answer = askYesOrNo('Sign? ', input, output)
  input.end(typed)
  return { answer, output }
}

test.each(['y\n', 'Y\n', 'yes\n', ' YES \n'])('%j is yes', async typed => {
  await expect(ask(typed).answer).resolves.toBe(true)
})

test.each(['\n', 'n\n', 'no\n', 'yep\n', 'y y\n', ''])('%j is no', async typed => {
  await expect(ask(typed).answer).resolves.toBe(false)
})

test('the question is asked where it is to be asked', async () => {
  const { answer, output } = ask('y\n')
  await answer
  expect(String(output.read())).toContain('Sign? ')
})
