import { describe, expect, test } from '@jest/globals'
import type { ExecutionResult } from 'graphql'
import { createEventFeed } from '../../src/graphql/subscriptions/event-feed.ts'
import { createEventStream, type StreamRight } from '../../src/graphql/subscriptions/event-stream.ts'

const NOW_MS = 1_000_000

function streamOf(
  options: { readonly max?: number; readonly answer?: (event: number) => Promise<ExecutionResult> } = {},
) {
  const feed = createEventFeed<number>({ max: options.max ?? 10, onEnd: () => log.push('source ended') })
  const log: string[] = []
  const failures: unknown[] = []
  const listeners = new Set<() => void>()
  const state = { nowMs: NOW_MS, isCurrent: true }
  const right: StreamRight = {
    expiresAtMs: NOW_MS + 3_600_000,
    isCurrent: () => state.isCurrent,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  const stream = createEventStream({
    events: feed.events,
    answer: event => options.answer?.(event as number) ?? Promise.resolve({ data: { event } }),
    word: ({ data }) => ({ data: data ?? null }),
    right,
    clock: { now: () => state.nowMs },
    onFailure: error => failures.push(error),
  })
  const change = () => {
    for (const listener of listeners) listener()
  }
  return { ...stream, push: feed.push, state, change, log, failures, listeners }
}

const DONE = { done: true, value: undefined }

describe('a stream', () => {
  test('answers each event', async () => {
    const { answers, push } = streamOf()
    push(1)
    expect(await answers.next()).toEqual({ done: false, value: { data: { event: 1 } } })
  })

  test('gives nothing that happened before its right ended and is asked for after it', async () => {
    const { answers, push, state, ended } = streamOf()
    push(1)
    // Nobody has said so yet.
    state.isCurrent = false
    expect(await answers.next()).toEqual(DONE)
    expect(await ended).toBe('RIGHTS_CHANGED')
  })

  test('ends with its right where an answer was refused for it: that is no failure', async () => {
    const { answers, push, state, ended, failures } = streamOf({
      answer: async () => {
        state.isCurrent = false
        throw new Error('refused')
      },
    })
    push(1)
    expect(await answers.next()).toEqual(DONE)
    expect([await ended, failures]).toEqual(['RIGHTS_CHANGED', []])
  })

  test('gives no answer whose right ended while it was made', async () => {
    const { answers, push, state, ended } = streamOf({
      answer: async () => {
        state.isCurrent = false
        return { data: { secret: true } }
      },
    })
    push(1)
    expect(await answers.next()).toEqual(DONE)
    expect(await ended).toBe('RIGHTS_CHANGED')
  })

  test('gives nothing once its token has expired, even before a timer says so', async () => {
    const { answers, push, state, ended } = streamOf()
    push(1)
    state.nowMs += 3_600_000
    expect(await answers.next()).toEqual(DONE)
    expect(await ended).toBe('TOKEN_EXPIRED')
  })

  test('ends while nothing happens, when its right does, and lets everything go', async () => {
    const { answers, state, change, ended, log, listeners } = streamOf()
    const waiting = answers.next()
    change()
    expect(listeners.size).toBe(1)
    state.isCurrent = false
    change()
    expect([await waiting, await ended, log, listeners.size]).toEqual([DONE, 'RIGHTS_CHANGED', ['source ended'], 0])
  })

  test('ends for its first reason', async () => {
    const { end, ended, log } = streamOf()
    end('SHUTTING_DOWN')
    end('CLIENT_LEFT')
    expect([await ended, log]).toEqual(['SHUTTING_DOWN', ['source ended']])
  })

  test('ends when more waits for its reader than may', async () => {
    const { answers, push, ended, failures, listeners } = streamOf({ max: 1 })
    for (const event of [1, 2]) push(event)
    expect([await answers.next(), await ended, failures, listeners.size]).toEqual([DONE, 'TOO_SLOW', [], 0])
  })

  test('ends with a defect, which is told to its owner and not to the partner', async () => {
    const defect = new TypeError('secret')
    const { answers, push, ended, failures } = streamOf({ answer: () => Promise.reject(defect) })
    push(1)
    expect([await answers.next(), await ended, failures]).toEqual([DONE, 'FAILED', [defect]])
  })
})
