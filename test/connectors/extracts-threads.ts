import { Worker } from 'node:worker_threads'
import { jest } from '@jest/globals'

/** The threads that are started from now on; those that have ended have no id any more, which is -1. */
export function watchThreads(): { readonly all: () => readonly Worker[]; readonly stop: () => void } {
  // Whoever starts a thread listens to it; there is no list of them to ask for.
  const listening = jest.spyOn(Worker.prototype, 'on')
  return {
    all: () => [...new Set(listening.mock.contexts as Worker[])],
    stop: () => listening.mockRestore(),
  }
}
