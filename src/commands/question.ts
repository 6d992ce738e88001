import { createInterface } from 'node:readline'

/** Asks a person a question that is answered yes or no. Called by the process; `y` and `yes` are yes, all else is no. */
export function askYesOrNo(
  question: string,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<boolean> {
  return new Promise(resolve => {
    const terminal = createInterface({ input, output })
    // Ctrl+C and the end of the input close it without an answer.
    const unanswered = () => {
      output.write('\n')
      resolve(false)
    }
    terminal.once('close', unanswered)
    terminal.question(question, answer => {
      terminal.off('close', unanswered)
      terminal.close()
      resolve(/^\s*y(es)?\s*$/i.test(answer))
    })
  })
}
