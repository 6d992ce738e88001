import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

/** How the pages are built: for browsers, with names that change with their content, and once more for the gateway. */
export default defineConfig(({ isSsrBuild }) => ({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/',
  publicDir: isSsrBuild ? false : 'public',
  logLevel: 'warn',
  // All of it stands in the bundles: what serves partners needs none of these packages.
  ssr: { noExternal: true },
  build: {
    target: 'es2023',
    reportCompressedSize: false,
    emptyOutDir: true,
    // Nothing is written into the page that its policy would have to allow.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 4_000,
    ...(isSsrBuild
      ? { outDir: 'dist/server', rolldownOptions: { output: { entryFileNames: 'page.js' } } }
      : {
          outDir: 'dist/client',
          manifest: true,
          rolldownOptions: {
            checks: { pluginTimings: false },
            input: { page: 'page/client.tsx', explorer: 'explorer/main.tsx' },
            // Directives for servers of React, of which there is none here.
            onLog: (level, log, next) => {
              if (log.code !== 'MODULE_LEVEL_DIRECTIVE') next(level, log)
            },
          },
        }),
  },
}))
