/** @jsxImportSource react */
import 'graphiql/style.css'
import '../styles/explorer.css'
import { createRoot } from 'react-dom/client'
import { Explorer } from './explorer.tsx'

/** The libraries under GraphiQL make styles of their own as they go; this is where they look for leave to. */
const nonce = document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce
Object.assign(globalThis, { __webpack_nonce__: nonce })

const root = document.getElementById('explorer')
if (root !== null) createRoot(root).render(<Explorer isEmbedded={root.dataset.embedded === 'true'} />)
