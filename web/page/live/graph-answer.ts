import { refusalOf } from './refusals.ts'

/** What the gateway answers in JSON: its data, or in its words why there is none. */
export interface GraphAnswer<T> {
  readonly data?: T | null
  readonly errors?: readonly { readonly message: string }[]
}

/** Empty where what stands in front of the gateway answers in its place, and in no JSON. */
export async function answerIn<T>(response: Response): Promise<GraphAnswer<T>> {
  try {
    return (await response.json()) as GraphAnswer<T>
  } catch {
    return {}
  }
}

/** An answer with an error in a part of it is still an answer. @throws TokenRefused, NotAnswered */
export async function dataIn<T>(response: Response): Promise<T> {
  const { data, errors } = await answerIn<T>(response)
  if (data == null) throw refusalOf(response, errors?.[0]?.message)
  return data
}
