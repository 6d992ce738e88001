import '../styles/page.css'
import { hydrate } from 'preact'
import { App, type AppProps } from './app.tsx'

/** Begins where the server left off: its page stands already, and what it was made of stands in it as data. */
const data = document.getElementById('beginning')?.textContent ?? ''
const root = document.getElementById('page')
if (root !== null) hydrate(<App {...(JSON.parse(data) as AppProps)} />, root)
