/** What a test serves over OData: entity sets and functions with their types, and values as they are meant. */

/** Text, decimal and integer as text, `yyyy-mm-dd`, RFC 3339 in UTC with milliseconds, true or false. */
export type ServedValue = string | boolean | null

export interface ServedProperty {
  readonly type: string
  readonly maxLength?: number
  readonly precision?: number
  readonly scale?: number
}

export interface ServedSet {
  readonly name: string
  readonly key: readonly string[]
  readonly properties: Readonly<Record<string, ServedProperty>>
  readonly rows: readonly Readonly<Record<string, ServedValue>>[]
}

/** The engine has no functions with results of their own, so the front answers these. */
export interface ServedFunction {
  readonly name: string
  readonly parameters: Readonly<Record<string, ServedProperty>>
  readonly result: Readonly<Record<string, ServedProperty>>
  call(
    given: Readonly<Record<string, string>>,
  ): Readonly<Record<string, ServedValue>> | { readonly error: string; readonly status: number }
}

export interface Served {
  readonly sets: readonly ServedSet[]
  readonly functions?: readonly ServedFunction[]
}
