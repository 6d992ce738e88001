import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Waiting } from '../observe/committed-lines.ts'

/**
 * The one way out for every answer, whichever way its request takes through the edge: nothing of it leaves before its line in
 * the access log is written, and where that cannot be, its connection is cut. Made by Node for each request.
 * `100 Continue` is no answer, and does not wait.
 */

/** True: it writes a line, and `waiting` is let go once. False: there is nothing (more) to tell at this point. */
export type TellAnswer = (response: ServerResponse, isEnding: boolean, waiting: Waiting) => boolean

/** For the option `ServerResponse` of `http.createServer`. */
export function createAccessResponse(tell: TellAnswer): typeof ServerResponse {
  return class AccessResponse<R extends IncomingMessage> extends ServerResponse<R> implements Waiting {
    /** What is to be sent once the line is written; null: nothing waits. */
    #held: (() => void)[] | null = null

    override end(chunk?: unknown, encoding?: unknown, callback?: unknown): this {
      if (this.#held !== null) this.#held.push(() => this.end(chunk, encoding, callback))
      else this.#send(true, () => super.end(chunk, encoding as never, callback as never))
      return this
    }

    override write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
      let hasRoom = true
      if (this.#held !== null) this.#held.push(() => this.write(chunk, encoding, callback))
      else
        this.#send(false, () => {
          hasRoom = super.write(chunk, encoding as never, callback as never)
        })
      return hasRoom
    }

    override flushHeaders(): void {
      if (this.#held !== null) this.#held.push(() => this.flushHeaders())
      else this.#send(false, () => super.flushHeaders())
    }

    #send(isEnding: boolean, send: () => void): void {
      this.#held = [send]
      if (tell(this, isEnding, this)) return
      this.#held = null
      send()
    }

    release(isWritten: boolean): void {
      const held = this.#held ?? []
      this.#held = null
      try {
        if (isWritten) for (const send of held) send()
        else this.destroy()
      } catch (error) {
        // Whoever sent it waits no more, and the others that were let go with it must not.
        this.destroy(error as Error)
      }
    }
  }
}
