import t from 'tap'
import { checkSettings } from '../../../launcher/config/check-settings.ts'
import { readSettings } from '../../../launcher/config/read-settings.ts'
import { resolveSettings } from '../../../launcher/config/resolve-settings.ts'
import { isLauncherError } from '../../../launcher/errors.ts'

const FILE = '/h/host.gcfg'
const resolve = (text: string) => resolveSettings(readSettings(`[Launcher]\n${text}`, FILE, []), () => false)

t.test('each setting that does not go with another is refused by name', async t => {
  const long = `/${'x'.repeat(100)}`
  const cases: Array<[string, string]> = [
    ['Enabled=false', '/h/host.gcfg line 2: Launcher.Enabled is false: the host should not have started the launcher'],
    [
      'Local=no',
      '/h/host.gcfg line 2: Launcher.Local and Launcher.Kubernetes are both false; at least one must be true'
    ],
    [
      'ConfigDir=/c\nScratchPath=/c',
      '/h/host.gcfg line 3: Launcher.ScratchPath /c lies in Launcher.ConfigDir /c; set one of them outside the other'
    ],
    [
      'ConfigDir=/c\nScratchPath=/d/../c/s',
      '/h/host.gcfg line 3: Launcher.ScratchPath /c/s lies in Launcher.ConfigDir /c; set one of them outside the other'
    ],
    [
      'ConfigDir=/var/lib',
      'Launcher.ScratchPath /var/lib/rstudio-connect-launcher lies in Launcher.ConfigDir /var/lib; set one of them ' +
      'outside the other'
    ],
    [
      `ScratchPath=${long}`,
      '/h/host.gcfg line 2: Launcher.Address is a socket path of 115 bytes; a Unix socket takes 107 at most; set a ' +
      `shorter one, or a shorter Launcher.ScratchPath: ${long}/launcher.sock`
    ],
    [
      `Address=unix:${long}/socket`,
      '/h/host.gcfg line 2: Launcher.Address is a socket path of 108 bytes; a Unix socket takes 107 at most; set a ' +
      `shorter one, or a shorter Launcher.ScratchPath: ${long}/socket`
    ],
    [
      'CertificateFile=/c.pem',
      '/h/host.gcfg line 2: Launcher.CertificateFile is set without Launcher.CertificateKeyFile; set both or none'
    ],
    [
      'CertificateKeyFile=/k.pem',
      '/h/host.gcfg line 2: Launcher.CertificateKeyFile is set without Launcher.CertificateFile; set both or none'
    ],
    [
      'Address=0.0.0.0:5559',
      '/h/host.gcfg line 2: Launcher.Address 0.0.0.0 can be reached from other machines, which needs ' +
      'Launcher.CertificateFile and Launcher.CertificateKeyFile'
    ],
    [
      'Address=[::]:5559',
      '/h/host.gcfg line 2: Launcher.Address :: can be reached from other machines, which needs ' +
      'Launcher.CertificateFile and Launcher.CertificateKeyFile'
    ],
    [
      'Kubeconfig=/k\nKubernetesApiUrl=https://k\nKubernetesAuthTokenPath=/t',
      '/h/host.gcfg line 3: Launcher.KubernetesApiUrl and Launcher.Kubeconfig are both set; set one of them'
    ],
    [
      'KubernetesAuthTokenPath=/t',
      '/h/host.gcfg line 2: Launcher.KubernetesAuthTokenPath is set without Launcher.KubernetesApiUrl, which it ' +
      'belongs to'
    ],
    [
      'Kubeconfig=/k\nKubernetesCACertificateData=QUJD',
      '/h/host.gcfg line 3: Launcher.KubernetesCACertificateData is set without Launcher.KubernetesApiUrl, which it ' +
      'belongs to'
    ],
    [
      'KubernetesApiUrl=https://k',
      '/h/host.gcfg line 2: Launcher.KubernetesApiUrl is set without Launcher.KubernetesAuthTokenPath, the file of ' +
      'the token'
    ],
    [
      'HostVersion=2\nRuntimeInitImage=r:1',
      '/h/host.gcfg line 3: Launcher.RuntimeInitImage has the tag 1, and the host has the version 2 ' +
      '(Launcher.HostVersion); leave the tag out, or give r:2'
    ],
    [
      'RuntimeInitImage=r',
      '/h/host.gcfg line 2: Launcher.RuntimeInitImage has no tag, and Launcher.HostVersion, which would be it, is ' +
      'not set; set it, or give the tag: r'
    ],
    [
      'RuntimeInitImage=r:1\nHostVersion=1+2',
      '/h/host.gcfg line 3: Launcher.HostVersion is not a version as the tag of an image is written (letters, ' +
      'digits, _ . and -): "1+2"'
    ],
    [
      'DataDirPVCName=c\nDataDir=/d',
      '/h/host.gcfg line 3: Launcher.DataDir and Launcher.DataDirPVCName are both set; set one of them'
    ],
    [
      'DataDir=/d\nDataDirPVCSubPath=x',
      '/h/host.gcfg line 3: Launcher.DataDirPVCSubPath is set without Launcher.DataDirPVCName, which it belongs to'
    ],
    [
      'Enabled=off\nLocal=off',
      '/h/host.gcfg line 2: Launcher.Enabled is false: the host should not have started the launcher\n/h/host.gcfg ' +
      'line 3: Launcher.Local and Launcher.Kubernetes are both false; at least one must be true'
    ]
  ]
  for (const [text, message] of cases) {
    try {
      resolve(text)
      t.fail(`accepted: ${text}`)
    } catch (error) {
      t.ok(isLauncherError(error, 'SettingsInvalid'), text)
      t.equal((error as Error).message, message)
    }
  }
})

t.test('what goes together has no problem', async t => {
  for (const text of [
    'Local=no\nKubernetes=yes',
    'Kubeconfig=/k',
    'DataDir=/d',
    'DataDirPVCName=c\nDataDirPVCSubPath=x/y',
    'HostVersion=2',
    'HostVersion=2\nRuntimeInitImage=r',
    'HostVersion=2\nRuntimeInitImage=r:u-2',
    'RuntimeInitImage=r:1',
    'KubernetesApiUrl=https://k\nKubernetesAuthTokenPath=/t\nKubernetesCACertificateData=QUJD',
    'ConfigDir=/c\nScratchPath=/cs',
    'ConfigDir=/s/conf\nScratchPath=/s',
    'Address=127.0.0.1:0',
    'Address=0.0.0.0:5559\nCertificateFile=/c.pem\nCertificateKeyFile=/k.pem',
    `Address=/${'x'.repeat(106)}`
  ]) t.strictSame(checkSettings(resolve(text)), [], text)
})
