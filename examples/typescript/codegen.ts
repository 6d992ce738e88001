import type { CodegenConfig } from '@graphql-codegen/cli'
import { addTypenameSelectionDocumentTransform } from '@graphql-codegen/client-preset'

/**
 * From the gateway's schema and the documents of this client: the types of variables and answers, and the manifest
 * `generated/persisted-documents.json`, which names each document by the SHA-256 of its text.
 */
const config: CodegenConfig = {
  // Copied out of the repository: a copy of docs/partners/schema/releases/0.1.0.graphql.
  schema: '../../schema/*.graphql',
  documents: 'documents/*.graphql',
  generates: {
    'generated/': {
      preset: 'client',
      presetConfig: {
        fragmentMasking: false,
        persistedDocuments: { hashAlgorithm: 'sha256' },
      },
      // What the caches of Apollo Client and urql would add by themselves, so that the manifest has it, too.
      documentTransforms: [addTypenameSelectionDocumentTransform],
      config: {
        importExtension: '.ts',
        useTypeImports: true,
        enumType: 'string-literal',
        immutableTypes: true,
        strictScalars: true,
        scalars: {
          BPNA: 'string',
          BPNL: 'string',
          BPNS: 'string',
          CurrencyCode: 'string',
          Date: 'string',
          DateTime: 'string',
          // Exact: to be read by a library of decimals, never as a number.
          Decimal: 'string',
          Duration: 'string',
          PartNumber: 'string',
          Scope: 'string',
          UnitCode: 'string',
          VIN: 'string',
        },
      },
    },
  },
}

export default config
