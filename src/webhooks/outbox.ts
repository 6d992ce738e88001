/**
 * Where news wait until their receiver has them: the port of the outbox, which all instances share. Each endpoint is
 * named by its key. Times are in milliseconds since the Unix epoch, by the clock of the instance that asks.
 */
export interface Outbox {
  /** Makes what is not there yet of these endpoints. Rejects where the tables are missing or may not be written. */
  prepare(endpoints: readonly string[]): Promise<void>
  /** Rejects where a table or a column that it uses is missing, or may not be used so; changes nothing. */
  prove(): Promise<void>
  /**
   * Takes what an endpoint may know. What is new to it waits to be sent from then on, in the
   * place of what still waited of the same subject; an endpoint that was never told anything is told nothing of what is there
   * already. What is older than what was told changes nothing. Resolves to how many are new.
   */
  tell(endpoint: string, bulletin: Bulletin, nowMs: number): Promise<number>
  /**
   * Puts something in that is no news, such as a test. Resolves to since when the endpoint is disabled, and then nothing was put
   * in; null: it waits to be sent.
   */
  put(endpoint: string, news: News, nowMs: number): Promise<number | null>
  /**
   * Takes an endpoint for this instance alone, and the first that is due there; null: nothing is. Only one of `endpoints`,
   * and nothing from beyond `sequence`, because what this instance has not read of the journal it cannot judge.
   */
  claim(endpoints: readonly string[], sequence: number, nowMs: number, leaseMs: number): Promise<Claim | null>
  /** Says what became of a claim, and lets the endpoint go. */
  settle(claim: Claim, outcome: Outcome, nowMs: number): Promise<void>
  /**
   * Tries what was given up again, all of an endpoint or one, and takes the endpoint up again. Resolves to how many; where
   * the one was not given up there, nothing is changed.
   */
  retry(endpoint: string, id: string | null, nowMs: number): Promise<number>
  standing(endpoints: readonly string[]): Promise<readonly EndpointStanding[]>
  /** What was given up, the newest first. */
  dead(endpoints: readonly string[]): Promise<readonly DeadDelivery[]>
  close(): Promise<void>
}

/** What an endpoint may know as of an entry of the journal. */
export interface Bulletin {
  readonly sequence: number
  readonly news: readonly News[]
  /**
   * Of what is older than this, not all was looked at; null: nothing was left out. What of it comes into sight later is what was
   * there already, and nothing new.
   */
  readonly horizonMs: number | null
}

/** What an endpoint may know of one subject. */
export interface News {
  /** Of which only the last news count: a system, or an update by its id. */
  readonly subject: string
  /** Names the message, should it be sent. */
  readonly id: string
  /** Equal where nothing has changed for the reader. */
  readonly digest: string
  /** When it became so: tells which of two is the later as of the same entry of the journal. */
  readonly changedMs: number
  readonly body: string
}

export interface Claim {
  readonly endpoint: string
  /** Nobody else sends to the endpoint as long as this is its lease. */
  readonly lease: string
  readonly subject: string
  readonly id: string
  readonly body: string
  /** How often it was tried before. */
  readonly attempts: number
  /** As what it was queued; null: it is no news. */
  readonly told: Told | null
}

/** What an endpoint was told last of a subject, and as of when. */
export interface Told extends Pick<News, 'digest' | 'changedMs'> {
  readonly sequence: number
}

export type Outcome =
  | { readonly kind: 'delivered' }
  /** `retryMs` null: it is given up. */
  | { readonly kind: 'failed'; readonly failure: string; readonly retryMs: number | null }
  /** The receiver wants nothing more: all that waits is given up, and nothing more is queued. */
  | { readonly kind: 'gone'; readonly failure: string }
  /** The partner may no longer read it: as if it had never been told. */
  | { readonly kind: 'withdrawn' }
  /** Nothing was tried: what is so now was told in its place. */
  | { readonly kind: 'overtaken' }
  /** Nothing was tried. */
  | { readonly kind: 'put back' }

export interface EndpointStanding {
  readonly endpoint: string
  readonly disabledMs: number | null
  readonly deliveredMs: number | null
  readonly waiting: number
  /** When the oldest that waits was queued; null: none waits. */
  readonly oldestMs: number | null
  readonly dead: number
  /** Why the last that waits has failed; null: none has. */
  readonly failure: string | null
}

export interface DeadDelivery {
  readonly endpoint: string
  readonly id: string
  readonly subject: string
  readonly queuedMs: number
  readonly deadMs: number
  readonly attempts: number
  readonly failure: string
}
