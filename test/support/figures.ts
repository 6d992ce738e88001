/** Shows what a test measured where `FIGURES=1` asks for it; no test asserts a time that a busy machine could miss. */
export function figure(row: number, text: string): void {
  if (process.env.FIGURES === '1') process.stderr.write(`reliability ${String(row).padStart(2)}  ${text}\n`)
}

/** The value below which the given share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
