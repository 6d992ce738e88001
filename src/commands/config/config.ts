import type { CommandEntries } from '../command-group.ts'
import { later } from '../later.ts'

/** `config …`: whether a configuration is right, what it will send, and its schema. */
export const CONFIG_VERBS: CommandEntries = new Map([
  [
    'check',
    {
      form: 'config check FILE [--system NAME]',
      does: 'check all that it names, without serving',
      run: later(async () => (await import('./check.ts')).runConfigCheck),
    },
  ],
  [
    'explain',
    {
      form: 'config explain RELATION',
      does: 'show what is sent to read a relation',
      run: later(async () => (await import('./explain.ts')).runConfigExplain),
    },
  ],
  [
    'schema',
    {
      form: 'config schema [--output FILE]',
      does: "write the configuration's JSON Schema for editors",
      run: later(async () => (await import('./schema.ts')).runConfigSchema),
    },
  ],
])
