import { EMBEDDED_DATASET } from '../../demo/generator/dataset.ts'
import { IS_FULL } from './form.ts'

/**
 * The data that tests serve and ask for: a fifth of the embedded default's, of all its partners, for a gateway reads all of
 * it whenever it starts; and the whole in the full form of the chaos suite.
 */
export const TEST_DATASET = { ...EMBEDDED_DATASET, ...(!IS_FULL && { scale: 0.002 }) }

/** Of the same partners, with as little as has the parts of the story: for gateways that are started again and again. */
export const SMALL_DATASET = { ...EMBEDDED_DATASET, scale: 0.0002 }
