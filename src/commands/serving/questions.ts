/** Questions put to another process and not answered yet. Called on both ends of the channel. */
export interface Questions {
  /** Puts a question by its number; null: no answer came in time, or there was nobody to ask. */
  ask(put: (question: number) => boolean): Promise<string | null>
  /** An answer has come; one to a question that nobody waits for any more is let go. */
  answer(question: number, text: string): void
}

export function createQuestions(timeoutMs: number): Questions {
  const waiting = new Map<number, (text: string | null) => void>()
  let last = 0
  return {
    ask(put) {
      const question = ++last
      const { promise, resolve } = Promise.withResolvers<string | null>()
      const timer = setTimeout(resolve, timeoutMs, null)
      waiting.set(question, resolve)
      if (!put(question)) resolve(null)
      return promise.finally(() => {
        clearTimeout(timer)
        waiting.delete(question)
      })
    },
    answer: (question, text) => waiting.get(question)?.(text),
  }
}
