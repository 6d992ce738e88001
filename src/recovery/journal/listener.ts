import { setTimeout } from 'node:timers/promises'
import type pg from 'pg'
import { ensureError } from '../../model/errors.ts'
import type { Log } from '../../observe/log.ts'

/**
 * One connection that waits for notifications, made again for ever when it is lost. Notifications meanwhile are gone, so
 * it calls back after each new connection too. Called by the driver for a server; it reads nothing itself.
 */
export interface ListenerOptions {
  /** A client that is not connected yet, whose waits have an end. */
  readonly connect: () => pg.Client
  /** Needs no quoting. */
  readonly channel: string
  readonly onNotification: () => void
  readonly log: Pick<Log, 'info' | 'warn'>
}

/** A connection that a firewall has forgotten looks alive until something is sent over it. */
const HEARTBEAT_MS = 10_000
const SHORTEST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5_000

/** Resolves once it has listened, or failed to, for the first time. Returns what ends it. */
export async function createListener(options: ListenerOptions): Promise<() => Promise<void>> {
  const { connect, channel, onNotification, log } = options
  const stopping = new AbortController()
  const { signal } = stopping
  const tried = Promise.withResolvers<void>()
  let failures = 0

  /** One connection from beginning to end; rejects when it is lost or was never made. */
  async function listenOnce(): Promise<void> {
    const client = connect()
    const connection = new AbortController()
    client.on('error', error => connection.abort(error))
    client.on('end', () => connection.abort(new Error('the connection was closed')))
    client.on('notification', onNotification)
    const over = AbortSignal.any([signal, connection.signal])
    try {
      await client.connect()
      await client.query(`LISTEN ${channel}`)
      if (failures > 0) log.info({ channel }, 'the journal is listened to again')
      failures = 0
      tried.resolve()
      onNotification()
      for (;;) {
        await pause(HEARTBEAT_MS, over)
        over.throwIfAborted()
        await client.query('SELECT')
      }
    } finally {
      // Without waiting: a server that has stopped answering does not answer this either.
      client.end().catch(() => {})
    }
  }

  async function listen(): Promise<void> {
    while (!signal.aborted) {
      try {
        await listenOnce()
      } catch (thrown) {
        if (!signal.aborted && failures === 0)
          log.warn({ channel, error: ensureError(thrown) }, 'the journal is not listened to; trying again')
        failures += 1
        tried.resolve()
        await pause(Math.min(SHORTEST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS), signal)
      }
    }
  }

  const ended = listen()
  await tried.promise
  return async () => {
    stopping.abort()
    await ended
  }
}

/** Ends early when the signal aborts; keeps no process alive. */
const pause = (ms: number, signal: AbortSignal) => setTimeout(ms, undefined, { signal, ref: false }).catch(() => {})
