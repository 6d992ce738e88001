import { readText } from '../docs/project.ts'

/**
 * What `.dockerignore` lets a builder have, by its own rules: the last line that matches a path, or a folder above it, decides;
 * `*` is within one folder, `**` any number of them.
 */
export async function readDockerIgnore(): Promise<(path: string) => boolean> {
  const rules = (await readText('.dockerignore'))
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'))
    .map(line => ({ lets: line.startsWith('!'), pattern: patternOf(line.replace(/^!/, '')) }))
  return path => {
    const parts = path.split('/')
    const above = parts.map((_, index) => parts.slice(0, index + 1).join('/'))
    return rules.findLast(({ pattern }) => above.some(prefix => pattern.test(prefix)))?.lets ?? true
  }
}

function patternOf(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*\*\/|\*/g, wild => (wild === '*' ? '[^/]*' : '(?:.*/)?'))
  return new RegExp(`^${source}$`)
}
