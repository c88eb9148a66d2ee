import t from 'tap'
import { isLauncherError } from '../../../launcher/errors.ts'
import { NAME_FORM } from '../../../launcher/model/account-name.ts'
import { rendered } from './given-settings.ts'

t.test('each invalid value or combination is refused at its setting', async t => {
  const long = `/${'x'.repeat(100)}`
  const cases: Array<[string, string]> = [
    ['Enabled=false', '/h/host.gcfg line 2: Launcher.Enabled is false: the host should not have started the launcher'],
    [
      'Local=no',
      '/h/host.gcfg line 2: Launcher.Local and Launcher.Kubernetes are both false; at least one must be true'
    ],
    [
      'ConfigDir=/c\nScratchPath=/c',
      '/h/host.gcfg line 3: Launcher.ScratchPath /c is inside Launcher.ConfigDir /c; set one of them outside the other'
    ],
    [
      'ConfigDir=/c\nScratchPath=/d/../c/s',
      '/h/host.gcfg line 3: Launcher.ScratchPath /c/s is inside Launcher.ConfigDir /c; ' +
        'set one of them outside the other'
    ],
    [
      'ConfigDir=/var/lib',
      'Launcher.ScratchPath /var/lib/rstudio-connect-launcher is inside Launcher.ConfigDir /var/lib; set one of them ' +
      'outside the other'
    ],
    [
      `ScratchPath=${long}`,
      '/h/host.gcfg line 2: Launcher.Address is a socket path of 115 bytes; a Unix socket allows at most 107; set a ' +
      `shorter one, or a shorter Launcher.ScratchPath: ${long}/launcher.sock`
    ],
    [
      `Address=unix:${long}/socket`,
      '/h/host.gcfg line 2: Launcher.Address is a socket path of 108 bytes; a Unix socket allows at most 107; set a ' +
      `shorter one, or a shorter Launcher.ScratchPath: ${long}/socket`
    ],
    [
      'CertificateFile=/c.pem',
      '/h/host.gcfg line 2: Launcher.CertificateFile is set without Launcher.CertificateKeyFile; set both or neither'
    ],
    [
      'CertificateKeyFile=/k.pem',
      '/h/host.gcfg line 2: Launcher.CertificateKeyFile is set without Launcher.CertificateFile; set both or neither'
    ],
    [
      'Address=0.0.0.0:5559',
      '/h/host.gcfg line 2: Launcher.Address 0.0.0.0 can be reached from other machines, which requires ' +
      'Launcher.CertificateFile and Launcher.CertificateKeyFile'
    ],
    [
      'Address=[::]:5559',
      '/h/host.gcfg line 2: Launcher.Address :: can be reached from other machines, which requires ' +
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
      '(Launcher.HostVersion); remove the tag, or write r:2'
    ],
    [
      'RuntimeInitImage=r',
      '/h/host.gcfg line 2: Launcher.RuntimeInitImage has no tag, and Launcher.HostVersion, which would be the tag, ' +
      'is not set; set it, or add a tag: r'
    ],
    [
      'RuntimeInitImage=r:1\nHostVersion=1+2',
      '/h/host.gcfg line 3: Launcher.HostVersion is not a version in the form of an image tag (letters, ' +
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
      'Kubernetes=yes\nKubernetesNamespace=A',
      '/h/host.gcfg line 3: Launcher.KubernetesNamespace is not a name of at most 63 lower-case letters, digits and ' +
      'inner -: "A"'
    ],
    [
      'KubernetesApiUrl=k.example\nKubernetesAuthTokenPath=/t',
      '/h/host.gcfg line 2: Launcher.KubernetesApiUrl is not a URL such as https://kubernetes.example:6443: "k.example"'
    ],
    [
      'KubernetesCACertificateData=A B\nKubernetesApiUrl=https://k\nKubernetesAuthTokenPath=/t',
      '/h/host.gcfg line 2: Launcher.KubernetesCACertificateData is not a certificate (PEM) in base64: "A B"'
    ],
    [
      'RuntimeInitImage=R:1',
      '/h/host.gcfg line 2: Launcher.RuntimeInitImage is not the name of an image, such as ' +
      'registry.example/host/runtime:1.2: "R:1"'
    ],
    [
      'RuntimeMountPath=/a:b',
      '/h/host.gcfg line 2: Launcher.RuntimeMountPath is not an absolute path without : and without / at ' +
      'its end: "/a:b"'
    ],
    [
      'RuntimeDelivery=copy',
      '/h/host.gcfg line 2: Launcher.RuntimeDelivery is not one of auto, image-volume, init-container: "copy"'
    ],
    [
      'RuntimeImagePath=opt',
      '/h/host.gcfg line 2: Launcher.RuntimeImagePath is not an absolute path without :, without . and .. as a part, ' +
      'and without / at its end: "opt"'
    ],
    [
      'RuntimeInitImage=r:1\nRuntimeDelivery=image-volume',
      '/h/host.gcfg line 3: Launcher.RuntimeDelivery is image-volume, and Launcher.RuntimeImagePath is not set; set ' +
      'it to the folder of the runtime image that has the components (/ is the whole image)'
    ],
    [
      'DataDir=/a/../b',
      '/h/host.gcfg line 2: Launcher.DataDir is not an absolute path, or HOST:/EXPORT of an NFS server, without ..: ' +
      '"/a/../b"'
    ],
    [
      'DataDirPVCName=c\nDataDirPVCSubPath=/a',
      '/h/host.gcfg line 3: Launcher.DataDirPVCSubPath is not a path inside a volume, without / at its start and ' +
      'without ..: "/a"'
    ],
    [
      'ServerUser=a:b',
      `/h/host.gcfg line 2: Launcher.ServerUser is not a user name (${NAME_FORM}): "a:b"`
    ],
    [
      'InstanceName="a\\nb"',
      '/h/host.gcfg line 2: Launcher.InstanceName is not text of at most 128 characters on one line: "a\\nb"'
    ],
    [
      'LogLevel=INFO',
      '/h/host.gcfg line 2: Launcher.LogLevel is not one of fatal, error, warn, info, debug, trace, silent: "INFO"'
    ],
    ['LocalConcurrency=0', '/h/host.gcfg line 2: Launcher.LocalConcurrency must be >= 1: 0'],
    ['LocalConcurrency=x', '/h/host.gcfg line 2: Launcher.LocalConcurrency is not a whole number: "x"'],
    [
      'TagJobBase=gpu=/a.yaml\nTagJobBase=gpu=a.yaml',
      '/h/host.gcfg line 3: Launcher.TagJobBase is not a tag, = and an absolute path: "gpu=a.yaml"'
    ],
    [
      'Kubernetes=yes\nKubernetesAllowedGroups=staff,,others\nLocalAllowedGroups=staff',
      `/h/host.gcfg line 3: Launcher.KubernetesAllowedGroups is not a group name (${NAME_FORM}): "staff,,others"`
    ],
    [
      'JobExpiry=never\nKubernetesNamespace=A\nDataDir=/d\nDataDirPVCName=c\nCertificateFile=/c.pem',
      '/h/host.gcfg line 2: Launcher.JobExpiry is not a duration such as 500ms, 90s, 2m, 24h or 1d: "never"\n' +
      '/h/host.gcfg line 6: Launcher.CertificateFile is set without Launcher.CertificateKeyFile; ' +
      'set both or neither\n' +
      '/h/host.gcfg line 3: Launcher.KubernetesNamespace is not a name of at most 63 lower-case letters, digits and ' +
      'inner -: "A"\n' +
      '/h/host.gcfg line 4: Launcher.DataDir and Launcher.DataDirPVCName are both set; set one of them'
    ],
    [
      'HostVersion=1+2\nRuntimeInitImage=r',
      '/h/host.gcfg line 2: Launcher.HostVersion is not a version in the form of an image tag (letters, ' +
      'digits, ' +
      '_ . and -): "1+2"'
    ],
    [
      'Enabled=off\nLocal=off',
      '/h/host.gcfg line 2: Launcher.Enabled is false: the host should not have started the launcher\n/h/host.gcfg ' +
      'line 3: Launcher.Local and Launcher.Kubernetes are both false; at least one must be true'
    ]
  ]
  for (const [text, message] of cases) {
    try {
      await rendered(text)
      t.fail(`accepted: ${text}`)
    } catch (error) {
      t.ok(isLauncherError(error, 'SettingsInvalid'), text)
      t.equal((error as Error).message, message)
    }
  }
})

t.test('valid combinations have no problem', async t => {
  for (const text of [
    'Local=no\nKubernetes=yes\nKubernetesConcurrency=4\nKubernetesStartDeadline=2h',
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
  ]) await t.resolves(rendered(text), text)
})

t.test(
  'the configuration is loaded from the text of the files, and a disabled cluster is checked but not loaded',
  async t => {
    const { config, files } = await rendered('LocalConcurrency=3\nKubernetesStartDeadline=1h')
    t.match(config, { clusters: [{ name: 'Local', concurrency: 3 }] })
    t.equal(config.clusters.length, 1)
    t.match(files.get('launcher.local.conf'), '\n# Launcher.LocalConcurrency, host.gcfg line 2\nconcurrency=3\n')
    t.match(
      files.get('launcher.kubernetes.conf'),
      '\n# Launcher.KubernetesStartDeadline, host.gcfg line 3\nstart-deadline-seconds=3600\n'
    )
  }
)

t.test('a rule that depends on an invalid value is not checked', async t => {
  await t.rejects(rendered('CertificateFile=c.pem\nCertificateKeyFile=/k.pem\nAddress=0.0.0.0:1'), {
    message: '/h/host.gcfg line 2: Launcher.CertificateFile is not an absolute path: "c.pem"'
  })
})
