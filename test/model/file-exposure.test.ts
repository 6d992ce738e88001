import { execFileSync } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { describeWith } from '../support/needs.ts'

/** Secrets of root's as container engines hand them over, looked at by a process of another user. */

const USER = 10_001
const MODULE = new URL('../../src/model/file-exposure.ts', import.meta.url).href

interface Mounted {
  readonly mode: string
  /** Where it stands: in memory, or on the disk of the machine. */
  readonly on: 'memory' | 'disk'
  /** Whose the first process is that the secret's reader sees. */
  readonly first: 'reader' | 'root'
}

describeWith(['containers'], 'a secret in a container', () => {
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-mounted-'))
    await chmod(directory, 0o755)
  })
  afterAll(() => rm(directory, { recursive: true }))

  function exposureOf({ mode, on, first }: Mounted): string | null {
    const file = join(directory, 'secret')
    const look = `
      import { statSync } from 'node:fs'
      import { secretExposure } from '${MODULE}'
      process.setgid(${USER})
      process.setuid(${USER})
      const { mode, uid } = statSync('${file}')
      console.log(JSON.stringify(secretExposure({ file: '${file}', mode, uid })))
    `
    const steps = `
      set -eu
      [ ${on} = disk ] || mount -t tmpfs -o mode=755 tmpfs ${directory}
      echo s3cret > ${file}
      chmod ${mode} ${file}
      [ ${first} = root ] || exec "$@"
      "$@"
    `
    const reader = [process.execPath, '--input-type=module-typescript', '--eval', look]
    const namespaces = ['--mount', '--pid', '--fork', '--mount-proc']
    const said = execFileSync('/usr/bin/unshare', [...namespaces, '/bin/sh', '-c', steps, 'mounted', ...reader], {
      encoding: 'utf8',
    })
    return JSON.parse(said)
  }

  test.each(['0444', '0644', '0440', '0400'])(
    'is safe as the engine hands it over, in memory and in the mode %s',
    mode => {
      expect(exposureOf({ mode, on: 'memory', first: 'reader' })).toBeNull()
    },
  )

  test.each<readonly [string, Mounted]>([
    ['on the disk of a machine whose users can read it', { mode: '0444', on: 'disk', first: 'reader' }],
    ['where the container has the processes of the machine', { mode: '0444', on: 'memory', first: 'root' }],
    ['that its group can change', { mode: '0464', on: 'memory', first: 'reader' }],
    ['that anybody can change', { mode: '0446', on: 'memory', first: 'reader' }],
  ])('is exposed %s', (_, mounted) => {
    expect(exposureOf(mounted)).toBe(
      `has the mode ${mounted.mode}, so other users can read the secret; run: chmod 0440 '${directory}/secret', or mount it with that mode`,
    )
  })
})
