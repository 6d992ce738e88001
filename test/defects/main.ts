import { spawnSync } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { DEFECTS } from './all.ts'
import type { Defect } from './defect.ts'

/** `npm run defects`: puts in each defect of the table, in a copy of the project, and runs the test that must find it. */

const HELP = `Usage: npm run defects -- [NUMBER ...] [--list]

Puts each seeded defect into a copy of the project and runs the test that must find it.

  --list   the defects, without running anything
  --help   this text

Exit code: 0 every defect was found; 1 one was not, or does not fit the code any more.
`
const ROOT = resolve(import.meta.dirname, '../..')
/** What no test looks at, and is large or somebody else's. */
const LEFT_OUT: ReadonlySet<string> = new Set(['.git', '.data', 'bench', 'node_modules'])

const { values, positionals } = parseArgs({
  options: { list: { type: 'boolean' }, help: { type: 'boolean' } },
  allowPositionals: true,
})
const chosen = DEFECTS.map((defect, index) => ({ defect, number: index + 1 })).filter(
  ({ number }) => positionals.length === 0 || positionals.includes(String(number)),
)

if (values.help) process.stdout.write(HELP)
else if (values.list) for (const { defect, number } of chosen) process.stdout.write(`${label(number)}  ${defect.is}\n`)
else process.exitCode = (await runAll()) ? 0 : 1

async function runAll(): Promise<boolean> {
  const copy = await mkdtemp(join(tmpdir(), 'defects-'))
  let found = 0
  try {
    for (const name of await readdir(ROOT))
      if (!LEFT_OUT.has(name)) await cp(join(ROOT, name), join(copy, name), { recursive: true })
    await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
    for (const { defect, number } of chosen) {
      const outcome = await tryOne(defect, copy)
      if (outcome === 'found') found += 1
      const by = `${defect.caughtBy.suite}: ${defect.caughtBy.test}`
      process.stdout.write(`${label(number)}  ${outcome.padEnd(9)}  ${defect.is}\n${' '.repeat(15)}${by}\n`)
    }
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
  process.stdout.write(`\n${found} of ${chosen.length} found\n`)
  return found === chosen.length
}

/** Not found: the test passes with the defect. Not run: it did not come to a verdict. */
async function tryOne({ file, original, mistaken, caughtBy }: Defect, copy: string) {
  const path = join(copy, file)
  const sound = await readFile(path, 'utf8')
  await writeFile(
    path,
    sound.replace(original, () => mistaken),
  )
  try {
    const report = join(copy, 'report.json')
    await rm(report, { force: true })
    spawnSync(
      process.execPath,
      [
        'node_modules/jest/bin/jest.js',
        ...['--json', `--outputFile=${report}`, '--forceExit', '--runTestsByPath', caughtBy.suite],
      ],
      { cwd: copy, env: { ...process.env, ...caughtBy.env }, stdio: 'ignore', timeout: 600_000 },
    )
    const { testResults }: JestReport = JSON.parse(await readFile(report, 'utf8').catch(() => '{"testResults":[]}'))
    const verdicts = testResults.flatMap(({ assertionResults }) => assertionResults).filter(isNamed(caughtBy.test))
    if (verdicts.some(({ status }) => status === 'failed')) return 'found'
    return verdicts.some(({ status }) => status === 'passed') ? 'NOT FOUND' : 'NOT RUN'
  } finally {
    await writeFile(path, sound)
  }
}

interface JestReport {
  readonly testResults: readonly { readonly assertionResults: readonly { title: string; status: string }[] }[]
}

/** A template's own words stand before its first placeholder. */
function isNamed(name: string): (result: { readonly title: string }) => boolean {
  const [words = ''] = name.split('%')
  return ({ title }) => (words === '' ? true : title.startsWith(words))
}

function label(number: number): string {
  return String(number).padStart(2)
}
