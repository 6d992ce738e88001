/** Answers with their tags, so that one that has not changed need not be sent again. In memory, for one partner. */
export interface KeptAnswers {
  of(url: string): KeptAnswer | undefined
  /** Keeps the answer where it has a tag, and gives it back. */
  keep(url: string, response: Response): Promise<Response>
}

export interface KeptAnswer {
  readonly tag: string
  /** The answer again, with what the 304 says by now: how old it is, what is left to spend. */
  again(unchanged: Response): Response
}

/** The one that has not been asked for longest goes where there are more than `most`. */
export function createKeptAnswers(most: number): KeptAnswers {
  const answers = new Map<string, KeptAnswer>()
  return {
    of(url) {
      const answer = answers.get(url)
      if (answer === undefined) return undefined
      answers.delete(url)
      answers.set(url, answer)
      return answer
    },
    async keep(url, response) {
      const tag = response.headers.get('etag')
      if (!response.ok) return response
      answers.delete(url)
      if (tag === null) return response
      const body = await response.text()
      const { headers } = response
      answers.set(url, {
        tag,
        again(unchanged) {
          const merged = new Headers(headers)
          for (const [name, value] of unchanged.headers) merged.set(name, value)
          return new Response(body, { headers: merged })
        },
      })
      const [oldest] = answers.keys()
      if (answers.size > most && oldest !== undefined) answers.delete(oldest)
      return new Response(body, { headers })
    },
  }
}
