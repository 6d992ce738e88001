import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readYaml } from '../../../src/config/yaml-file.ts'
import { parseAcceptedBreaks } from './accepted-breaks.ts'
import { ACCEPTED_BREAKS, CHANGELOG, problemsOf } from './problems.ts'
import { keepRelease, lastRelease, todaysSdl } from './releases.ts'
import { schemaChanges } from './schema-changes.ts'

/** `npm run check:schema`: holds the schema of today against that of the last release. */

const HELP = `Usage: npm run check:schema -- [--release VERSION]

Compares schema/ with that of the last release. A change that breaks what partners may ask must be accepted, with a reason,
in ${ACCEPTED_BREAKS}; every change must be told in
${CHANGELOG}.

  --release VERSION   keep the schema of today as that of this release
  --help              this text

Exit code: 0 nothing is missing; 1 what is missing is listed.
`
const ROOT = join(import.meta.dirname, '../../..')

const { values } = parseArgs({ options: { release: { type: 'string' }, help: { type: 'boolean' } } })
if (values.help) process.stdout.write(HELP)
else if (values.release !== undefined) {
  keepRelease(values.release)
  process.stdout.write(`kept as ${values.release}\n`)
} else await check()

async function check(): Promise<void> {
  const { version, sdl } = lastRelease()
  const changes = await schemaChanges(sdl, todaysSdl())
  const accepted = parseAcceptedBreaks(await readYaml(join(ROOT, ACCEPTED_BREAKS)), ACCEPTED_BREAKS)
  const changelog = readFileSync(join(ROOT, CHANGELOG), 'utf8')
  const problems = problemsOf({ changes, accepted, changelog, release: version })
  for (const problem of problems) process.stderr.write(`${problem}\n`)
  if (problems.length > 0) process.exitCode = 1
  else process.stdout.write(`The schema has ${changes.length} changes since ${version}; nothing is missing.\n`)
}
