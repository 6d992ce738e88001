import { readText } from '../docs/project.ts'

/** `deploy/systemd/recovery-gateway.service`, or another file of systemd's form. */
export interface Unit {
  /** All values of a setting, in order. */
  all(name: string): readonly string[]
  /** The value of a setting that stands there once. */
  one(name: string): string
}

export const UNIT = 'deploy/systemd/recovery-gateway.service'

export async function readUnit(path = UNIT): Promise<Unit> {
  const lines = (await readText(path)).split('\n').filter(line => /^\w+=/.test(line))
  const settings = lines.map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const)
  const all = (name: string) => settings.filter(([setting]) => setting === name).map(([, value]) => value)
  return {
    all,
    one(name) {
      const [value, another] = all(name)
      if (value === undefined || another !== undefined) throw new Error(`${path}: must have one ${name}`)
      return value
    },
  }
}
