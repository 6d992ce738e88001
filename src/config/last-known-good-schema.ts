import { group, path, whole, word } from './setting.ts'

/** Where the last answers of the systems are kept. Called by the schema of the configuration. */

export function lastKnownGoodSchema(directory: string) {
  return group('The last answers of the systems, given where a system cannot answer and the field allows it', {
    store: word(['shared', 'sqlite', 'memory', 'none'], {
      is: 'Where they are kept; left out: the shared store, where there is one, a file of the embedded default, or memory',
    }).optional(),
    file: path(directory, {
      is: 'File of the store sqlite, on a local disk; required without the section embedded',
    }).optional(),
    maxBytes: whole({
      is: 'Most that they take in the file, or in the memory of each process',
      unit: 'bytes',
      from: 4_194_304,
      to: 1_099_511_627_776,
      preset: 67_108_864,
    }),
  })
}
