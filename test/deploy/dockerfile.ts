import { readText } from '../docs/project.ts'

/** `deploy/docker/Dockerfile`, read as far as a test has to follow it: stages, what they copy, and how the image starts. */

export const DOCKERFILE = 'deploy/docker/Dockerfile'

export interface Instruction {
  /** In capitals: `COPY`. */
  readonly keyword: string
  readonly argument: string
}

export interface Stage {
  readonly base: string
  /** Null: the last one, which is the image. */
  readonly name: string | null
  readonly instructions: readonly Instruction[]
}

export interface Copy {
  /** Null: from what is given to the builder. */
  readonly from: string | null
  /** `uid:gid`; null: root. */
  readonly owner: string | null
  readonly sources: readonly string[]
  readonly target: string
}

/** The arguments' presets stand in the place of `${NAME}` in `FROM`. */
export async function readStages(): Promise<readonly Stage[]> {
  const presets = new Map<string, string>()
  const stages: { base: string; name: string | null; instructions: Instruction[] }[] = []
  for (const instruction of instructionsIn(await readText(DOCKERFILE))) {
    const { keyword, argument } = instruction
    if (keyword === 'FROM') {
      const [base = '', , name = null] = argument.split(/\s+/)
      stages.push({ base: base.replace(/\$\{(\w+)\}/g, (_, arg) => presets.get(arg) ?? ''), name, instructions: [] })
    } else if (stages.length === 0) {
      const [name = '', preset = ''] = argument.split('=')
      presets.set(name, preset)
    } else stages.at(-1)?.instructions.push(instruction)
  }
  return stages
}

function instructionsIn(text: string): readonly Instruction[] {
  const lines = text.replace(/^#.*\n/gm, '').replace(/\\\n\s*/g, '')
  return lines.split('\n').flatMap(line => {
    const [, keyword, argument] = /^([A-Z]+)\s+(.*\S)\s*$/.exec(line) ?? []
    if (keyword === undefined || argument === undefined) {
      if (line.trim() !== '') throw new Error(`${DOCKERFILE}: not understood: ${line}`)
      return []
    }
    return [{ keyword, argument }]
  })
}

export function copiesOf({ instructions }: Stage): readonly Copy[] {
  return instructions.flatMap(({ keyword, argument }) => {
    if (keyword !== 'COPY') return []
    const words = argument.split(/\s+/)
    const option = (name: string) => words.find(word => word.startsWith(`--${name}=`))?.split('=')[1] ?? null
    const paths = words.filter(word => !word.startsWith('--'))
    return [{ from: option('from'), owner: option('chown'), sources: paths.slice(0, -1), target: paths.at(-1) ?? '' }]
  })
}

/** The argument of the one instruction of this kind. */
export function only({ instructions }: Stage, keyword: string): string {
  const [found, another] = instructions.filter(instruction => instruction.keyword === keyword)
  if (found === undefined || another !== undefined)
    throw new Error(`${DOCKERFILE}: must have one ${keyword} in its stage`)
  return found.argument
}

/** Words of a command in exec form. */
export const wordsOf = (argument: string): readonly string[] => JSON.parse(argument)

/** `ENV A=b C=d`. */
export function environmentOf(stage: Stage): Readonly<Record<string, string>> {
  return Object.fromEntries(
    only(stage, 'ENV')
      .split(/\s+/)
      .map(pair => pair.split('=') as [string, string]),
  )
}
