import { parse } from 'yaml'
import { readText } from '../docs/project.ts'

/** `deploy/docker/compose.yaml`, as far as the tests look into it. */
export interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly configs: Readonly<Record<string, { readonly file: string }>>
  readonly secrets: Readonly<Record<string, { readonly file: string }>>
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>
  readonly volumes: Readonly<Record<string, object>>
}

export interface Service {
  readonly image: string
  readonly command: readonly string[]
  readonly user: string
  readonly read_only: boolean
  readonly cap_drop: readonly string[]
  readonly security_opt: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly configs: readonly { readonly source: string; readonly target: string }[]
  readonly secrets: readonly string[]
  readonly volumes?: readonly string[]
  readonly tmpfs?: readonly string[]
  readonly ports?: readonly string[]
  readonly networks: readonly string[]
  readonly mem_limit: string
  readonly pids_limit: number
  readonly logging?: { readonly driver: string; readonly options: Readonly<Record<string, string>> }
  readonly healthcheck?: { readonly test: readonly string[] }
}

export const COMPOSE = 'deploy/docker/compose.yaml'

export const readCompose = async (): Promise<Compose> => parse(await readText(COMPOSE))

/** `${NAME}`, `${NAME:-preset}` and `${NAME:?why}`, as Compose replaces them. Throws where one without a preset is not given. */
export function interpolated(text: string, given: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name: string, kind?: string, rest?: string) => {
    const value = given[name] ?? (kind === '-' ? rest : undefined)
    if (value === undefined) throw new Error(`${COMPOSE} wants ${name}: ${rest ?? ''}`)
    return value
  })
}
