import { z } from 'zod'
import { group, line, url, whole } from './setting.ts'

/** The page on which everybody may read what is public of the restart. Called by the schema of the configuration. */

/** The section `statusPage`. */
export interface StatusPageSettings {
  readonly enabled: boolean
  /** Without a slash at its end; left out: the listener's own. */
  readonly url?: string | undefined
  readonly name: string
  readonly publicStreams: number
}

/** The environment holds only text. */
const asBoolean = (value: unknown) => (value === 'true' ? true : value === 'false' ? false : value)

export const statusPage = group('The page that shows everybody what is public of the restart, and its documents', {
  enabled: z
    .preprocess(asBoolean, z.boolean({ error: 'must be true or false' }))
    .prefault(true)
    .meta({ description: 'False: there is no such page, and nothing is public. Default: true.' }),
  url: url({
    is: 'URL that the page is known by: the links in its documents begin with it, and ids are made from it. Left out: that of the listener',
  })
    .refine(text => !text.includes('?'), { error: 'must be a URL without a query' })
    .transform(text => text.replace(/\/+$/, ''))
    .optional(),
  name: line({ is: 'Name of the page, and of whoever publishes it', preset: 'Restart status' }),
  publicStreams: whole({
    is: 'Most streams of events without a token that each process may have open at once',
    from: 0,
    to: 100_000,
    preset: 1_000,
  }),
})
