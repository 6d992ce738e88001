import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { materialDemand, PRODUCTION_SCHEDULE_RELATIONS } from '../src/systems/relations/production-schedule.ts'
import { type ExtractPlan, writeExtracts } from './extract-files.ts'
import { createDataset, type Dataset, EMBEDDED_DATASET } from './generator/dataset.ts'
import { partnersYaml, sitesYaml } from './generator/directory.ts'

/** Writes the files under `demo/` that are generated and committed: the directory and the production schedule's extracts. */

/** A file per relation; demand is JSON Lines, so that both formats are seen at work. */
const PLAN: readonly ExtractPlan[] = PRODUCTION_SCHEDULE_RELATIONS.map(relation => ({
  relation,
  format: relation === materialDemand ? 'jsonl' : 'csv',
}))

export async function writeDirectory(dataset: Dataset, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  for (const [file, text] of [
    ['sites.yaml', sitesYaml(dataset)],
    ['partners.yaml', partnersYaml(dataset)],
  ] as const) {
    const path = join(directory, file)
    await writeFile(`${path}.tmp`, text)
    await rename(`${path}.tmp`, path)
  }
}

/** Writes `directory/` and `extracts/production-schedule/` under `root`, which is `demo/` or a test's own folder. */
export async function writeDemoFiles(root: string): Promise<void> {
  const dataset = createDataset(EMBEDDED_DATASET)
  await writeDirectory(dataset, join(root, 'directory'))
  await writeExtracts({ dataset, directory: join(root, 'extracts', 'production-schedule'), plan: PLAN })
}
