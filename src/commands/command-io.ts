import type { Environment } from '../config/environment.ts'

/** What a command may touch of the process. */
export interface CommandIo {
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
  readonly env: Environment
  /** Registers what is to happen when the process is asked to stop; only commands that stay running do. */
  readonly onStop?: (stop: () => void) => void
}
