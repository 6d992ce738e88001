import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../../test/support/free-port.ts'
import type { BenchSite } from '../../site/site.ts'
import { startServer } from '../process.ts'
import { referenceBytes } from '../reference.ts'
import type { VariantOptions } from '../variant.ts'
import { type Launch, loopback } from './launch.ts'
import { launchProxied } from './proxy.ts'

/** The limits: the same finished bytes for every question, by Fastify, by bare Node, and out of nginx's cache. */

export const launchBytes =
  (name: 'fastify' | 'node-http'): Launch =>
  async (site, options) => {
    const directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-limit-'))
    const file = join(directory, 'answer.json')
    await writeFile(file, await bytesOf(site, options))
    const script = fileURLToPath(new URL(`../servers/${name}.ts`, import.meta.url))
    const remove = () => rm(directory, { recursive: true, force: true })
    const { pids, stop } = await startServer({
      name,
      command: [process.execPath, script, String(options.port), file],
      cpu: options.cpu,
      url: loopback(options.port),
    }).finally(remove)
    return { name, url: loopback(options.port), pids, reads: async () => null, stop }
  }

/** nginx caches a POST by its body and its Authorization header, and checks no identity. */
export const launchNginx: Launch = async (site, options) => {
  const { port, cached, upstreamCpu: cpu = null } = options
  return launchProxied({
    name: 'nginx',
    options,
    upstream: async () => launchBytes('node-http')(site, { ...options, port: await freePort(), cpu }),
    async command({ url }, directory) {
      const file = join(directory, 'nginx.conf')
      await writeFile(file, nginxConfiguration(directory, port, url, cached))
      return { command: ['nginx', '-p', directory, '-c', file, '-e', 'stderr'] }
    },
  })
}

const bytesOf = async (site: BenchSite, { bytes }: VariantOptions): Promise<Buffer> => bytes ?? referenceBytes(site)

const nginxConfiguration = (directory: string, port: number, upstream: string, cached: boolean): string => `
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${directory}/nginx.pid;
events { worker_connections 4096; }
http {
  access_log off;
  # As many requests on a connection as the load has.
  keepalive_requests 100000000;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  client_body_buffer_size 256k;
  proxy_cache_path ${directory}/cache keys_zone=answers:64m max_size=1g;
  server {
    listen 127.0.0.1:${port};
    location /graphql {
      proxy_pass ${upstream};
      ${cached ? CACHING : ''}
    }
  }
}
`

const CACHING = `proxy_cache answers;
      proxy_cache_methods POST;
      proxy_cache_key "$http_authorization|$request_body";
      proxy_cache_valid 200 30s;
      proxy_cache_lock on;`
