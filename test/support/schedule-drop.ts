import { createHash } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeExtracts } from '../../demo/extract-files.ts'
import type { Dataset } from '../../demo/generator/dataset.ts'
import { materialDemand, PRODUCTION_SCHEDULE_RELATIONS } from '../../src/systems/relations/production-schedule.ts'

/** The production schedule as a drop of the system that `config/production.yaml` maps: its demand in a file and columns of its own. */

const COLUMNS = { supplier_bpnl: 'supplier', part_number: 'material', customer_location_bpns: 'plant' }

export async function writeScheduleDrop(dataset: Dataset, directory: string): Promise<void> {
  const plan = PRODUCTION_SCHEDULE_RELATIONS.map(relation => ({ relation, format: 'csv' as const }))
  const manifest = await writeExtracts({ dataset, directory, plan })
  const files = await Promise.all(
    manifest.files.map(async entry => {
      if (entry.relation !== materialDemand.name) return entry
      const [header = '', ...lines] = (await readFile(join(directory, entry.file), 'utf8')).split('\n')
      const names = Object.entries(COLUMNS).reduce((text, [ours, theirs]) => text.replace(ours, theirs), header)
      const file = `demand-${manifest.asOf.slice(0, 10)}.csv`
      const text = [names, ...lines].join('\n')
      await writeFile(join(directory, file), text)
      await rm(join(directory, entry.file))
      // What the mapping says by the file's name, the manifest need not.
      return { file, rows: entry.rows, sha256: createHash('sha256').update(text).digest('hex') }
    }),
  )
  // Moved into place, last of all, as a system that drops files does.
  const path = join(directory, 'manifest.json')
  await writeFile(`${path}.new`, JSON.stringify({ ...manifest, files }, null, 2))
  await rename(`${path}.new`, path)
}
