// Prints the bill of materials of what is shipped: CycloneDX 1.5, from the lockfile and the sources of the pages alone. Called by
// `npm run sbom`; as `npm run sbom -- linux-x64` with the Node.js of that platform, which a release for systemd brings and an image has
// from its base.
//
// npm makes it of everything, and marks what is for development alone. Its own `--omit dev` leaves out too much: of what
// development needs as well, every package that production has. And the pages for browsers have packages of development in them.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PROJECT = fileURLToPath(new URL('../', import.meta.url))
/** Sources of what a browser is given, and of what the gateway renders for it. */
const PAGES = ['web/page', 'web/explorer']
const [platform] = process.argv.slice(2)

const options = ['--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only']
const bom = JSON.parse(
  execFileSync('npm', ['sbom', ...options], {
    cwd: PROJECT,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    stdio: ['ignore', 'pipe', 'inherit'],
    shell: process.platform === 'win32',
  }),
)
const project = bom.metadata.component
const { optionalDependencies } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'))
const edges = new Map(bom.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]))

const isForDevelopment = ({ properties }) => properties.some(({ name }) => name === 'cdx:npm:package:development')
/** The image has nothing that is optional; a release has what its platform can use. */
const isLeftOut = ({ name, scope }) =>
  scope === 'optional' && (platform === undefined || (name in optionalDependencies && name !== `node-${platform}`))

/** What the pages import by name, and all that these need: no less than the bundler takes. */
function bundled() {
  const direct = edges.get(project['bom-ref'])
  const found = new Set()
  const waiting = [...importedByPages()].map(name => {
    const ref = direct.find(each => each.startsWith(`${name}@`))
    if (ref === undefined) throw new Error(`the pages import ${name}, which package.json does not have`)
    return ref
  })
  for (let ref = waiting.pop(); ref !== undefined; ref = waiting.pop()) {
    if (found.has(ref)) continue
    found.add(ref)
    waiting.push(...(edges.get(ref) ?? []))
  }
  return found
}

function importedByPages() {
  const names = new Set()
  for (const folder of PAGES)
    for (const file of readdirSync(join(PROJECT, folder), { recursive: true }).filter(name => /\.tsx?$/.test(name))) {
      const text = readFileSync(join(PROJECT, folder, file), 'utf8')
      for (const [, name] of text.matchAll(/(?:from|import) '((?:@[\w.-]+\/)?[\w-][\w.-]*)(?:\/[^']*)?'/g))
        names.add(name)
    }
  return names
}

const inPages = bundled()
const components = bom.components
  .filter(component => inPages.has(component['bom-ref']) || !(isForDevelopment(component) || isLeftOut(component)))
  .map(component => (isForDevelopment(component) ? { ...component, scope: 'required', properties: [] } : component))
const kept = new Set([project, ...components].map(component => component['bom-ref']))
const dependencies = bom.dependencies
  .filter(({ ref }) => kept.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter(other => kept.has(other)) }))

// npm calls the project by the name of its folder.
const [name] = project['bom-ref'].split('@')
const metadata = { ...bom.metadata, component: { ...project, name } }
process.stdout.write(`${JSON.stringify({ ...bom, metadata, components, dependencies }, null, 2)}\n`)
