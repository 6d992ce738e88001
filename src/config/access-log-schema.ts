import { z } from 'zod'
import { path, whole, word } from './setting.ts'

/** Where the access log is kept, and for how long. Called by the schema of the configuration; it opens no file. */

export interface AccessLogSettings {
  readonly directory: string
  readonly maxFileBytes: number
  readonly maxFileHours: number
  readonly maxFiles: number
  readonly keepDays: number
  readonly fsync: 'never' | 'batch'
}

export function accessLogSchema(directory: string) {
  return z
    .strictObject({
      directory: path(directory, {
        is: 'Directory of its files, on a local disk, of this gateway alone; made at the start where it is missing',
      }),
      maxFileBytes: whole({
        is: 'Size from which a new file is begun',
        unit: 'bytes',
        from: 65_536,
        to: 17_179_869_184,
        preset: 268_435_456,
      }),
      maxFileHours: whole({ is: 'Age from which a new file is begun', unit: 'hours', from: 1, to: 744, preset: 24 }),
      maxFiles: whole({ is: 'Most files that each process keeps; the oldest go', from: 2, to: 100_000, preset: 200 }),
      keepDays: whole({
        is: 'How long a file is kept after its last line',
        unit: 'days',
        from: 1,
        to: 3_650,
        preset: 90,
      }),
      fsync: word(['never', 'batch'], {
        is: 'Whether answers wait until their lines are on the disk itself, which a loss of power leaves there, and not in its cache alone',
        preset: 'never',
      }),
    })
    .meta({
      description:
        'The access log: a line for every request, in files, before its answer leaves. Left out: a line on standard error, for which no answer waits.',
    })
}
