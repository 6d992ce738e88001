import { dirname } from 'node:path'
import { z } from 'zod'
import { parseOperatorFile } from '../model/operator-file.ts'
import type { AccessLogSettings } from './access-log-schema.ts'
import type { Environment } from './environment.ts'
import { createConfigSchema } from './schema.ts'
import { readSections } from './sections.ts'

/** Where a configuration keeps its access log; null: it keeps none. Throws `ConfigError` with every problem of these settings, and of no other. */
export async function readAccessLogSection(file: string, environment: Environment): Promise<AccessLogSettings | null> {
  const { accessLog } = createConfigSchema(dirname(file)).shape
  const section = await readSections(file, environment, ['accessLog'])
  return parseOperatorFile(z.strictObject({ accessLog }), section).accessLog ?? null
}
