import { chmod, chown, copyFile, mkdir, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { type Container, prepareRoot } from '../support/contained.ts'
import { interpolated, readCompose } from './compose-file.ts'
import { type DeployedSite, HOSTS } from './deployed-site.ts'
import { environmentOf, only, readStages, type Stage, wordsOf } from './dockerfile.ts'
import { EXAMPLE_FILE } from './example-configuration.ts'
import { readStatefulSet } from './manifests.ts'
import { readUnit } from './unit.ts'

/**
 * Each way of deployment, laid out in an empty directory as its own files say: the same user, read-only root, volumes, secrets,
 * environment and command.
 */
export interface Deployed {
  readonly container: Container
  readonly command: readonly string[]
  /** Of the image: how it says whether it is ready. */
  readonly healthcheck?: readonly string[]
}

export interface Place {
  readonly site: DeployedSite
  /** What `layOutImage` has filled. */
  readonly image: string
  /** Empty directory; gets the root and the volumes. */
  readonly directory: string
  /** Laid over the environment: ports that are free on this machine, and patience. */
  readonly environment: Readonly<Record<string, string>>
}

const IMAGE_NODE = '/nodejs/bin/node'
/** `WORKDIR` of the image. */
const IMAGE_HOME = '/app'
/** One process would do for what is asked here; what is asked is that a primary and its workers run like this. */
const WORKERS = '1'

export async function layOutCompose(place: Place): Promise<Deployed> {
  const { site } = place
  const root = rootIn(place)
  const image = (await readStages()).at(-1) as Stage
  const home = IMAGE_HOME
  const { services, configs, secrets } = await readCompose()
  const { gateway } = services
  if (gateway === undefined) throw new Error('compose.yaml has no gateway')
  const given = { ...site.environment, WORKERS, VERSION: '0.1.0' }
  for (const { source, target } of gateway.configs) {
    const { file } = configs[source] ?? { file: '' }
    await copyTo(root, target, file.startsWith('site/') ? join(site.directory, basename(file)) : EXAMPLE_FILE)
  }
  for (const name of gateway.secrets) {
    const file = secrets[name]?.file.replace('site/', '') ?? ''
    // Of the owner and mode that prepare.sh has given it: Docker mounts it as it is.
    await secretAt(join(root, '/run/secrets', name), await site.secret(name), join(site.directory, file))
  }
  const [uid = 0, gid = 0] = gateway.user.split(':').map(Number)
  const targets = (gateway.volumes ?? []).map(volume => volume.split(':')[1] ?? '')
  return {
    container: {
      ...(await containerIn(place, { home, node: IMAGE_NODE, volumes: targets, owner: [uid, gid, 0o755] })),
      ...{ uid, gid },
      environment: {
        ...environmentOf(image),
        ...mapValues(gateway.environment ?? {}, text => interpolated(text, given)),
        ...place.environment,
      },
    },
    command: [...wordsOf(only(image, 'ENTRYPOINT')), ...gateway.command.map(word => interpolated(word, given))],
    healthcheck: wordsOf(only(image, 'HEALTHCHECK').replace(/^.* CMD /, '')),
  }
}

export async function layOutKubernetes(place: Place): Promise<Deployed> {
  const { site } = place
  const root = rootIn(place)
  const image = (await readStages()).at(-1) as Stage
  const home = IMAGE_HOME
  const { template, volumeClaims } = await readStatefulSet()
  const { securityContext, containers, volumes } = template.spec
  const [gateway] = containers
  if (gateway === undefined) throw new Error('the pod has no container')
  const { runAsUser: uid, runAsGroup: gid, fsGroup } = securityContext
  const mounted = (name: string) => gateway.volumeMounts.find(mount => mount.name === name)?.mountPath ?? ''
  await copyTo(root, join(mounted('configuration'), 'recovery-gateway.yaml'), EXAMPLE_FILE)
  for (const name of ['sites.yaml', 'signatories.jwks.json', 'ca.pem'])
    await copyTo(root, join(mounted('configuration'), name), join(site.directory, name))
  const secretMode = volumes.find(({ name }) => name === 'secrets')?.secret?.defaultMode ?? 0
  for (const [name, text] of await everySecret(site)) {
    const file = join(root, mounted('secrets'), name)
    await secretAt(file, text)
    // As the kubelet gives it: root's, for the pod's group.
    await chown(file, 0, fsGroup)
    await chmod(file, secretMode)
  }
  return {
    container: {
      ...(await containerIn(place, {
        ...{ home, node: IMAGE_NODE },
        volumes: volumeClaims.map(mounted),
        owner: [0, fsGroup, 0o2770],
      })),
      ...{ uid, gid },
      environment: {
        ...environmentOf(image),
        ...site.environment,
        ...Object.fromEntries(gateway.env.map(({ name, value }) => [name, value])),
        ...place.environment,
      },
    },
    command: [...wordsOf(only(image, 'ENTRYPOINT')), ...gateway.args],
  }
}

export async function layOutSystemd(place: Place): Promise<Deployed> {
  const { site } = place
  const unit = await readUnit()
  const home = unit.one('WorkingDirectory')
  const credentials = '/run/credentials/recovery-gateway.service'
  const [uid, gid] = [61_184, 61_184]
  const root = rootIn(place)
  const configuration = '/etc/recovery-gateway'
  await copyTo(root, join(configuration, 'recovery-gateway.yaml'), EXAMPLE_FILE)
  for (const name of ['sites.yaml', 'signatories.jwks.json', 'ca.pem'])
    await copyTo(root, join(configuration, name), join(site.directory, name))
  const secrets = new Map(await everySecret(site))
  for (const credential of unit.all('LoadCredential')) {
    const [name = '', source = ''] = credential.split(':')
    const file = join(root, credentials, name)
    await secretAt(file, secrets.get(basename(source)) ?? '')
    // As systemd gives it: root's, with an entry for the user of the unit in its access list, which its mode shows as the group's.
    await chown(file, 0, gid)
    await chmod(file, 0o440)
  }
  const [state, logs] = [`/var/lib/${unit.one('StateDirectory')}`, `/var/log/${unit.one('LogsDirectory')}`]
  const [node = '', ...args] = unit.one('ExecStart').split(' ')
  // npm puts it among the packages, where the image has none.
  const npmNode = join(place.image, IMAGE_HOME, relative(home, node))
  await mkdir(dirname(npmNode), { recursive: true })
  await writeFile(npmNode, '')
  return {
    container: {
      ...(await containerIn(place, {
        ...{ home, node, volumes: [state, logs] },
        owner: [uid, gid, Number.parseInt(unit.one('StateDirectoryMode'), 8)],
      })),
      ...{ uid, gid },
      environment: {
        ...Object.fromEntries(
          unit.all('Environment').map(text => text.replace('%d', credentials).split('=') as [string, string]),
        ),
        ...site.environment,
        STATE_DIRECTORY: state,
        LOGS_DIRECTORY: logs,
        ...place.environment,
      },
    },
    command: [node, ...args.map(word => (word === 'auto' ? WORKERS : word))],
  }
}

const rootIn = ({ directory }: Place) => join(directory, 'root')

interface Layout {
  /** Where the program stands. */
  readonly home: string
  readonly node: string
  readonly volumes: readonly string[]
  /** Of each volume: user, group, mode. */
  readonly owner: readonly [number, number, number]
}

/** The places of the root, and a directory of this machine for each volume. */
async function containerIn(
  place: Place,
  { home, node, volumes, owner }: Layout,
): Promise<Pick<Container, 'root' | 'directory' | 'node' | 'mounts' | 'volumes'>> {
  const root = rootIn(place)
  await prepareRoot(root, { node, places: [home, ...volumes] })
  await writeFile(join(root, '/etc/hosts'), `127.0.0.1 localhost ${HOSTS.join(' ')}\n`)
  await writeFile(join(root, '/etc/nsswitch.conf'), 'hosts: files\n')
  const sources: Record<string, string> = {}
  for (const [index, volume] of volumes.entries()) {
    const source = join(place.directory, `volume-${index}`)
    await mkdir(source)
    await chown(source, owner[0], owner[1])
    await chmod(source, owner[2])
    sources[volume] = source
  }
  return { root, directory: home, node, mounts: { [home]: join(place.image, IMAGE_HOME) }, volumes: sources }
}

async function everySecret(site: DeployedSite): Promise<readonly (readonly [string, string])[]> {
  const { services } = await readCompose()
  return Promise.all((services.gateway?.secrets ?? []).map(async name => [name, await site.secret(name)] as const))
}

async function copyTo(root: string, place: string, file: string): Promise<void> {
  await mkdir(dirname(join(root, place)), { recursive: true })
  await copyFile(file, join(root, place))
}

/** `like`: a file whose owner and mode it gets. */
async function secretAt(file: string, text: string, like?: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text, { mode: 0o400 })
  if (like === undefined) return
  const { uid, gid, mode } = await stat(like)
  await chown(file, uid, gid)
  await chmod(file, mode)
}

const mapValues = (record: Readonly<Record<string, string>>, change: (text: string) => string) =>
  Object.fromEntries(Object.entries(record).map(([name, text]) => [name, change(text)]))
