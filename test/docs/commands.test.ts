import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Checkout, createCheckout, type Running } from '../e2e/checkout.ts'
import { describeWith } from '../support/needs.ts'
import { launchBrowser, openPage } from '../web/browser.ts'
import type { Block } from './blocks.ts'
import { openPageShell, type PageOutput, type PageShell } from './page-shell.ts'
import { isRun, type Page, pagesToRun, readPages } from './pages.ts'
import { readText, tableIn } from './project.ts'
import { jsonFault, textFault } from './shown-answer.ts'

/**
 * The commands of the pages, in order, in a copy of the project with one gateway that is started as the pages say. Each must
 * end well, and an answer that stands below one must be what comes.
 */

const pages = pagesToRun(await readPages())

let checkout: Checkout
let gateway: Running
let urls: { readonly partners: string; readonly admin: string }
beforeAll(async () => {
  checkout = await createCheckout()
  await checkout.refuseNobody()
  gateway = checkout.start('npm', ['start'], { PORT: '0', ADMIN_PORT: '0' })
  const terminal = await gateway.shows(/Stop with Ctrl\+C/)
  const [partners = '', admin = ''] = ['graphql', 'health/ready'].map(
    path => new RegExp(`(http\\S+)/${path}`).exec(terminal)?.[1],
  )
  urls = { partners, admin }
})
afterAll(() => checkout.remove())

/** The same commands for the ports that this gateway has. */
const here = (script: string) =>
  script.replaceAll('http://127.0.0.1:4000', urls.partners).replaceAll('http://127.0.0.1:4001', urls.admin)

/** Its answer is no: the guards that are unmet are what is to be seen. */
const SAYS_NO = /gateway (?:-- )?system check /

const shellHere = () =>
  openPageShell(checkout.directory, {
    ...checkout.environment,
    ADMIN_URL: urls.admin,
    GATEWAY_URL: `${urls.partners}/graphql`,
  })

for (const page of pages) describeWith(['python'], page.name, () => tryPage(page))

// Last, for it closes what the pages ask.
describeWith(['chromium'], 'what partners rehearse', () => {
  test('a system that closes in the terminal closes in a page that is open, within two seconds', async () => {
    const command = await rehearsed('a system that closes')
    const [shell, browser] = await Promise.all([shellHere(), launchBrowser()])
    try {
      const { page, wrong } = await openPage(browser, urls.partners)
      await page.locator('.liveness-live').waitFor()
      await page.evaluate('globalThis.isSame = true')
      expect(await shell.run(command)).toMatchObject({ failed: [] })
      await page.locator('.news').getByText('Wholesale finance: closed').waitFor({ timeout: 2_000 })
      expect(await page.evaluate('globalThis.isSame')).toBe(true)
      expect(wrong).toEqual([])
    } finally {
      await Promise.all([shell.close(), browser.close()])
    }
  })

  test('a system that opens is opened as in README.md', async () => {
    const blocks = pages.find(({ name }) => name === 'README.md')?.blocks ?? []
    expect(blocks.filter(isRun).map(({ text }) => text)).toContainEqual(
      expect.stringContaining(await rehearsed('one that opens')),
    )
  })

  test('a token that ends lasts for a second', async () => {
    const shell = await shellHere()
    const { stdout } = await shell.run(await rehearsed('a token that ends')).finally(() => shell.close())
    const [, claims = ''] = stdout.split('.')
    const { iat, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString())
    expect(exp - iat).toBe(1)
  })

  /** The command of a row. */
  async function rehearsed(what: string): Promise<string> {
    const rows = tableIn(await readText('docs/partners/README.md'), 'to see', 'do')
    const [, command = ''] = /^`?(npm [^`]+)/.exec(rows.find(([seen]) => seen === what)?.[1] ?? '') ?? []
    return command
  }
})

function tryPage(page: Page): void {
  let shell: PageShell
  let output: PageOutput
  let stream: Running | null = null
  beforeAll(async () => {
    shell = await shellHere()
  })
  afterAll(() => shell?.close())

  const steps = page.blocks.filter((block, index) => isRun(block) || isAnswer(page.blocks, index))
  test.each(steps.map(block => [`${block.language}:${block.line}`, block] as const))('%s', async (_, block) => {
    if (block.language !== 'sh') await compare(block)
    else if (block.remark === 'stays open') stream = await startStream(block)
    else await run(block)
  })

  async function run({ text }: Block): Promise<void> {
    output = await shell.run(here(text))
    const failed = output.failed.filter(command => !SAYS_NO.test(command))
    expect({ failed, stderr: failed.length > 0 ? output.stderr : '' }).toEqual({ failed: [], stderr: '' })
  }

  async function startStream({ text }: Block): Promise<Running> {
    const started = checkout.start('bash', ['-c', here(text)])
    // Its first comment: from here on nothing is missed.
    await started.shows(/^:/)
    return started
  }

  async function compare({ language, text }: Block): Promise<void> {
    let came = `${output?.stdout}\n${output?.stderr}`
    if (stream !== null) {
      const lastLine = text.trim().split('\n').at(-1) ?? ''
      came = await stream.shows(new RegExp(lastLine.replaceAll(/[^\w ]/g, '\\$&')))
      stream.signal('SIGTERM', 'group')
      stream = null
    }
    const fault = language === 'json' ? jsonFault(JSON.parse(text), JSON.parse(output.stdout)) : textFault(text, came)
    expect({ fault, came: fault === null ? '' : came }).toEqual({ fault: null, came: '' })
  }
}

/** What stands below a command in its section, with nothing but words between, is its answer. */
function isAnswer(blocks: readonly Block[], index: number): boolean {
  const [above, block] = [blocks[index - 1], blocks[index]]
  if (above === undefined || block === undefined || !isRun(above) || above.section !== block.section) return false
  return block.language === 'json' || block.language === 'text'
}
