import t from 'tap'
import { nameProblems, testNames } from './test-names.ts'

t.test('names are found in calls on one line and on several, and in suites of methods', async t => {
  const text = [
    "t.test('one', async t => {",
    "  await t.test(\n    \"it's two\",",
    'show(`three ${name}`, work)', // eslint-disable-line no-template-curly-in-string
    "await fuzz(\n  t,\n  'four',",
    "  async 'it\\'s five' (t) {"
  ].join('\n')
  t.strictSame(testNames(text).map(name => name.replace('\\', '')), [
    'one',
    "it's two",
    'three ${name}', // eslint-disable-line no-template-curly-in-string
    'four',
    "it's five"
  ])
})

t.test('a name that is there twice, or that leans on another, is a problem', async t => {
  t.strictSame(nameProblems(['a file is read', 'a folder is read', 'android is a name', 'sofas are read']), [])
  t.strictSame(nameProblems(['a file is read', 'a file is read']), ['"a file is read" is there twice'])
  for (const name of ['the same without a file', 'and a folder', 'so is a folder', 'nor a link']) {
    t.strictSame(nameProblems([name]), [`"${name}" needs the name before it`])
  }
})
