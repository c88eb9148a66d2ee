import t from 'tap'
import { logFolderProblem } from '../../../../plugins/kubernetes/process-logs/log-folder-problem.ts'

const PLACE = { dataPath: '/data', folder: 'process-logs' }
const problem = (code?: string) =>
  logFolderProblem(Object.assign(new Error(`${code}: words of the system`), { code }), PLACE, 'launcher')

t.test('each error of the system has its own words and remedy', async t => {
  for (const [code, message, help] of [
    ['ENOENT', /^The data \/data does not exist on this machine\.$/, /Mount the data .*Launcher\.DataDirPath/],
    ['EACCES', /^The user launcher cannot create folders and files in \/data\/process-logs \(EACCES/, /root_squash/],
    ['EPERM', /^The user launcher cannot create/, /right to create/],
    ['EROFS', /is read-only \(EROFS/, /right to write/],
    ['ENOSPC', /has no room left \(ENOSPC/, /Free space or inodes/],
    ['EDQUOT', /has no room left \(EDQUOT/, /quota/],
    ['ELOOP', /must not be reached by a symbolic link/, /Launcher\.LogDir/],
    ['ENOTDIR', /is not a folder/, /Remove that file/],
    ['EEXIST', /is not a folder/, /Remove that file/],
    ['ETIMEDOUT', /does not answer/, /file server/],
    ['ESTALE', /does not answer/, /file server/],
    ['EIO', /cannot create folders and files in \/data\/process-logs \(EIO: words of the system\)/, /Check the file/],
    [undefined, /\(Error: undefined: words/, /Check the file/]
  ] as const) {
    t.match(problem(code), { message, help }, String(code))
  }
})
