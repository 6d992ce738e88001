// Whether the gateway of this container is ready, for HEALTHCHECK: the image has no shell and no curl.
const port = process.env.ADMIN_PORT || '4001'
const response = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(4_000) }).catch(
  () => null,
)
process.exit(response?.ok ? 0 : 1)
