import { fileURLToPath } from 'node:url'
import type { Config } from '../../../config/load-config.ts'
import { loadSchema } from '../../../graphql/schema.ts'
import { ConfigError } from '../../../model/operator-file.ts'
import { readDeclarations } from '../../../operations/declarations.ts'
import { readManifests } from '../../../operations/manifests/read-manifests.ts'
import { catalogueOf } from '../../../operations/trusted-documents-catalogue.ts'
import { inspectDocument } from '../../../operations/trusted-documents-inspection.ts'
import { counted } from '../../wording.ts'
import type { Service } from './service-check.ts'

/**
 * The manifests of trusted documents, each document planned as at a start of the gateway: there, one that cannot be asked
 * is left out with a line in the log; here it is a problem. None where the configuration names no manifest.
 */
export function trustedDocuments({
  trustedDocuments: { manifests },
  documents: limits,
  federation,
}: Pick<Config, 'trustedDocuments' | 'documents' | 'federation'>): readonly Service[] {
  if (manifests.length === 0) return []
  return [
    {
      service: 'trusted documents',
      setting: 'trustedDocuments.manifests',
      remedy: 'see that each names a manifest, generated from what the partners’ clients ask',
      async look() {
        const schema = await loadSchema(SCHEMA_DIRECTORY, { isSubgraph: federation.enabled })
        const options = { schema, declarations: readDeclarations(schema), limits }
        const { documents, faults } = catalogueOf(await readManifests(manifests), text =>
          inspectDocument(options, text),
        )
        if (faults.length > 0)
          throw new ConfigError(
            faults.map(
              ({ file, id, reason }) =>
                `${file}: ${id}: cannot be asked: ${reason.replace(/\.$/, '')}; mend its client, or leave it out`,
            ),
          )
        return `${counted(documents.length, 'document')} in ${counted(manifests.length, 'manifest')}`
      },
    },
  ]
}

const SCHEMA_DIRECTORY = fileURLToPath(new URL('../../../../schema/', import.meta.url))
