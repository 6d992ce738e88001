import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ManifestEntry, sha256, writeManifest } from './extracts-sample.ts'

/** Drops that must be refused: what is wrong, what the reason says, and how it is done to a good drop. */
export const LATER = '2025-10-09T05:30:00.000Z'

/** Replaces a file, and in the manifest what it says of it, as a system would that writes wrong data. */
export async function replace(
  directory: string,
  entries: readonly ManifestEntry[],
  file: string,
  edit: (text: string) => string | Uint8Array,
  rows?: number,
) {
  const content = edit(await readFile(join(directory, file), 'utf8'))
  await writeFile(join(directory, file), content)
  await writeManifest(
    directory,
    LATER,
    entries.map(entry =>
      entry.file === file ? { ...entry, sha256: sha256(content), rows: rows ?? entry.rows } : entry,
    ),
  )
}

export const inLine = (number: number, edit: (line: string) => string) => (text: string) =>
  text
    .split('\n')
    .map((line, index) => (index + 1 === number ? edit(line) : line))
    .join('\n')

export const REFUSED: readonly (readonly [
  string,
  string,
  (directory: string, entries: ManifestEntry[]) => Promise<unknown>,
])[] = [
  [
    'a file that was cut off',
    'part.csv: its SHA-256 is not the one',
    async directory => {
      const text = await readFile(join(directory, 'part.csv'), 'utf8')
      await writeFile(join(directory, 'part.csv'), text.slice(0, text.length / 2))
    },
  ],
  [
    'a file with one byte changed',
    'part.csv: its SHA-256 is not the one',
    async directory => {
      const text = await readFile(join(directory, 'part.csv'), 'utf8')
      await writeFile(join(directory, 'part.csv'), text.replace('LR101001', 'LR101999'))
    },
  ],
  [
    'a file that is not there',
    'part_supersession.csv',
    async directory => rm(join(directory, 'part_supersession.csv')),
  ],
  [
    'a directory in the place of a file',
    'part.csv',
    async directory => {
      await rm(join(directory, 'part.csv'))
      await mkdir(join(directory, 'part.csv'))
    },
  ],
  [
    'an endless device in the place of a file',
    'part.csv: not a file',
    async directory => {
      await rm(join(directory, 'part.csv'))
      await symlink('/dev/zero', join(directory, 'part.csv'))
    },
  ],
  [
    'a row count other than the manifest says',
    'part.csv: has 12 rows, the manifest says 13',
    async (directory, entries) => replace(directory, entries, 'part.csv', text => text, 13),
  ],
  [
    'a missing column',
    'part.csv:1: no column description',
    async (directory, entries) =>
      replace(
        directory,
        entries,
        'part.csv',
        inLine(1, line => line.replace('description,', 'desc,')),
      ),
  ],
  [
    'an unknown column',
    'part.csv:1: part has no column as the 9th here',
    async (directory, entries) => replace(directory, entries, 'part.csv', text => text.replaceAll('\r\n', ',x\r\n')),
  ],
  [
    'a column that stands there twice',
    'part.csv:1: column active stands there twice',
    async (directory, entries) =>
      replace(directory, entries, 'part.csv', text => text.replaceAll('\r\n', ',active\r\n')),
  ],
  [
    'no header',
    'part.csv:1: there is no header',
    async (directory, entries) => replace(directory, entries, 'part.csv', () => '', 0),
  ],
  [
    'a row with a cell too few',
    'part.csv:3: not CSV',
    async (directory, entries) =>
      replace(
        directory,
        entries,
        'part.csv',
        inLine(3, line => line.slice(line.indexOf(',') + 1)),
      ),
  ],
  [
    'a quote that is never closed',
    'part.csv:',
    async (directory, entries) =>
      replace(
        directory,
        entries,
        'part.csv',
        inLine(3, line => `"${line}`),
      ),
  ],
  [
    'a value that the relation refuses',
    'is not a UN/ECE Recommendation 20 unit code',
    async (directory, entries) =>
      replace(
        directory,
        entries,
        'part.csv',
        inLine(2, line => line.replace('C62', 'pcs!')),
      ),
  ],
  [
    'an empty cell in a column that must be known',
    'part.csv:2: column base_unit',
    async (directory, entries) =>
      replace(
        directory,
        entries,
        'part.csv',
        inLine(2, line => line.replace('C62', '')),
      ),
  ],
  [
    'a boolean in other words',
    'part.csv:2: column use_up_old_stock',
    async (directory, entries) =>
      replace(
        directory,
        entries,
        'part.csv',
        inLine(2, line => line.replace('true', 'yes')),
      ),
  ],
  [
    'a key that stands there twice',
    'part.csv:3: column part_number: the key stands there twice',
    async (directory, entries) =>
      replace(
        directory,
        entries,
        'part.csv',
        inLine(3, line => line.replace('LR101001', 'LR101000')),
      ),
  ],
  [
    'text that is not UTF-8',
    'part.csv: not UTF-8',
    async (directory, entries) => replace(directory, entries, 'part.csv', text => Buffer.from(text, 'latin1')),
  ],
  [
    'a manifest that is not JSON',
    'manifest.json: not JSON',
    async directory => writeFile(join(directory, 'manifest.json'), '{"asOf":'),
  ],
  [
    'an endless device in the place of the manifest',
    'manifest.json: not a file',
    async directory => {
      await rm(join(directory, 'manifest.json'))
      await symlink('/dev/zero', join(directory, 'manifest.json'))
    },
  ],
  [
    'a manifest longer than any',
    'manifest.json: has more than 1048576 bytes',
    async directory => writeFile(join(directory, 'manifest.json'), ' '.repeat(1_048_577)),
  ],
  ['a manifest that went away', 'manifest.json', async directory => rm(join(directory, 'manifest.json'))],
  [
    'a manifest without a relation',
    'manifest.json: no file for the relation: part_supersession',
    async (directory, entries) => writeManifest(directory, LATER, entries.slice(0, 1)),
  ],
  [
    'a manifest with a relation too many',
    'manifest.json: no such relation: parts',
    async (directory, entries) => writeManifest(directory, LATER, [...entries, { ...entries[0], relation: 'parts' }]),
  ],
  [
    'a manifest that lists a file twice',
    'manifest.json: a file is listed twice',
    async (directory, entries) => writeManifest(directory, LATER, [...entries, entries[0]]),
  ],
  [
    'a manifest without a time',
    'manifest.json: asOf',
    async (directory, entries) => writeManifest(directory, 'yesterday', entries),
  ],
  [
    'a manifest without a digest',
    'manifest.json: files.0.sha256',
    async (directory, entries) =>
      writeManifest(
        directory,
        LATER,
        entries.map(({ sha256: _, ...entry }) => entry),
      ),
  ],
  ...['../part.csv', '/etc/passwd', 'a/b.csv', '..', '.hidden', 'a\\b.csv', 'a\0b', ''].map(
    file =>
      [
        `the file name ${JSON.stringify(file)}`,
        'manifest.json: files.0.file: must be a plain file name',
        (directory: string, entries: ManifestEntry[]) => writeManifest(directory, LATER, [{ ...entries[0], file }]),
      ] as const,
  ),
]
