import type { Environment } from '../config/environment.ts'

/** What a command may touch of the process. */
export interface CommandIo {
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
  readonly env: Environment
  /** All of standard input, to its end. */
  readonly stdin: () => Promise<string>
  /** Asks whoever sits at the terminal; true: yes. Left out where there is no terminal. */
  readonly ask?: (question: string) => Promise<boolean>
  /** Characters in a line of the terminal; left out where there is none. */
  readonly columns?: number
  /** Stands above what went wrong; left out: nothing does. */
  readonly failureHeading?: string
  /** Registers what is to happen when the process is asked to stop; only commands that have something to end do. */
  readonly onStop?: (stop: () => void) => void
  /** Registers what is to happen each time the process is asked to read its configuration anew. */
  readonly onReload?: (reload: () => void) => void
}
