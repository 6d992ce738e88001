// Prints the bill of materials of production: CycloneDX 1.5, from the lockfile alone. Called by `npm run sbom`.
//
// npm makes it of everything, and marks what is for development alone. Its own `--omit dev` leaves out too much: of what
// development needs as well, every package that production has.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const options = ['--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only']
const bom = JSON.parse(
  execFileSync('npm', ['sbom', ...options], {
    cwd: fileURLToPath(new URL('../', import.meta.url)),
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    stdio: ['ignore', 'pipe', 'inherit'],
    shell: process.platform === 'win32',
  }),
)

const isForDevelopment = ({ properties }) => properties.some(({ name }) => name === 'cdx:npm:package:development')
const project = bom.metadata.component
const components = bom.components.filter(component => !isForDevelopment(component))
const kept = new Set([project, ...components].map(component => component['bom-ref']))
const dependencies = bom.dependencies
  .filter(({ ref }) => kept.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter(other => kept.has(other)) }))

// npm calls the project by the name of its folder.
const [name] = project['bom-ref'].split('@')
const metadata = { ...bom.metadata, component: { ...project, name } }
process.stdout.write(`${JSON.stringify({ ...bom, metadata, components, dependencies }, null, 2)}\n`)
