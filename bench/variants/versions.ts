import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { findPackageJSON } from 'node:module'
import { promisify } from 'node:util'
import type { VariantName } from './variant.ts'

/** What was measured, by name and version, for the report. Reads what is installed, not what was asked for. */

const PACKAGES: Readonly<Record<Exclude<VariantName, 'gateway' | 'node-http' | 'nginx'>, readonly string[]>> = {
  apollo: ['@apollo/server', '@apollo/server-plugin-response-cache', '@as-integrations/fastify', 'fastify'],
  mercurius: ['mercurius', 'mercurius-cache', 'fastify'],
  yoga: ['graphql-yoga', '@graphql-yoga/plugin-response-cache'],
  hive: ['@graphql-hive/gateway'],
  tailcall: ['@tailcallhq/core-linux-x64-gnu'],
  fastify: ['fastify'],
}

/** Such as `mercurius 16.10.1, mercurius-cache 8.0.0, fastify 5.12.8`. */
export async function versionOf(name: VariantName): Promise<string> {
  switch (name) {
    case 'gateway':
      return `recovery-gateway ${await packageVersion(new URL('../../package.json', import.meta.url))}`
    case 'node-http':
      return `Node.js ${process.versions.node}`
    case 'nginx':
      return nginxVersion()
    default:
      return (await Promise.all(PACKAGES[name].map(installed))).join(', ')
  }
}

async function installed(name: string): Promise<string> {
  const file = findPackageJSON(name, import.meta.url)
  return file === undefined ? `${name} is not installed` : `${name} ${await packageVersion(file)}`
}

async function packageVersion(file: string | URL): Promise<string> {
  const { version } = JSON.parse(await readFile(file, 'utf8')) as { readonly version: string }
  return version
}

async function nginxVersion(): Promise<string> {
  try {
    const { stderr } = await promisify(execFile)('nginx', ['-v'])
    return stderr.trim().replace('nginx version: ', '')
  } catch {
    return 'nginx is not installed'
  }
}
