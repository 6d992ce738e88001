#!/usr/bin/env node
// Plain JavaScript that every Node understands, so that an old one is told what is wrong instead of failing on syntax.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 18)) {
  process.stderr.write(
    `recovery-gateway needs Node.js 24.18 or later; this is ${process.versions.node}.\n` +
      'Start it with npm (npm start): the package brings its own Node.js.\n',
  )
  process.exit(1)
}
await import('../src/main.ts')
