// Finds settings that are right one by one and wrong together.

import { pathInside } from '../lib/path-inside.ts'
import type { Problem } from '../lib/problem.ts'
import { runtimeImage } from '../lib/runtime-image.ts'
import { isLoopback, socketProblem } from './address.ts'
import { settingName, type SettingKey, type SettingValues, type Settings } from './settings.ts'

/** A value that could not be read is undefined here and takes part in no check. */
export function checkSettings (settings: Settings): Problem[] {
  const values: Partial<SettingValues> = settings.values
  const problems: Problem[] = []
  const report = (key: SettingKey, problem: string, origin: SettingKey = key): void => {
    const { file, line } = settings.sources[origin][0] ?? {}
    problems.push({
      ...(file !== undefined && { file }),
      ...(line !== undefined && { line }),
      key: settingName(key),
      problem
    })
  }
  const {
    Address: address,
    ConfigDir: configDir,
    ScratchPath: scratchPath,
    CertificateFile,
    CertificateKeyFile
  } = values
  const isGiven = (key: SettingKey): boolean => settings.sources[key].length > 0

  if (values.Enabled === false) report('Enabled', 'is false: the host should not have started the launcher')
  if (values.Local === false && values.Kubernetes === false) {
    report('Local', `and ${settingName('Kubernetes')} are both false; at least one must be true`)
  }
  if (configDir !== undefined && scratchPath !== undefined && pathInside(scratchPath, configDir)) {
    report(
      'ScratchPath',
      `${scratchPath} lies in ${settingName('ConfigDir')} ${configDir}; set one of them outside the other`
    )
  }
  if (isGiven('CertificateFile') !== isGiven('CertificateKeyFile')) {
    const [there, missing] = isGiven('CertificateFile')
      ? (['CertificateFile', 'CertificateKeyFile'] as const)
      : (['CertificateKeyFile', 'CertificateFile'] as const)
    report(there, `is set without ${settingName(missing)}; set both or none`)
  }
  if (address !== undefined && 'socket' in address) {
    const problem = socketProblem(address.socket)
    if (problem !== undefined) {
      report('Address', `${problem}; set a shorter one, or a shorter ${settingName('ScratchPath')}: ${address.socket}`,
        isGiven('Address') ? 'Address' : 'ScratchPath')
    }
  }
  if (
    address !== undefined &&
    'host' in address &&
    !isLoopback(address.host) &&
    CertificateFile === undefined &&
    CertificateKeyFile === undefined
  ) {
    report(
      'Address',
      `${address.host} can be reached from other machines, which needs ${settingName('CertificateFile')} and ` +
      `${settingName('CertificateKeyFile')}`
    )
  }
  if (isGiven('Kubeconfig') && isGiven('KubernetesApiUrl')) {
    report('KubernetesApiUrl', `and ${settingName('Kubeconfig')} are both set; set one of them`)
  }
  for (const key of ['KubernetesAuthTokenPath', 'KubernetesCACertificateData'] as const) {
    if (isGiven(key) && !isGiven('KubernetesApiUrl')) {
      report(key, `is set without ${settingName('KubernetesApiUrl')}, which it belongs to`)
    }
  }
  if (isGiven('KubernetesApiUrl') && !isGiven('KubernetesAuthTokenPath')) {
    report('KubernetesApiUrl', `is set without ${settingName('KubernetesAuthTokenPath')}, the file of the token`)
  }
  if (isGiven('DataDir') && isGiven('DataDirPVCName')) {
    report('DataDir', `and ${settingName('DataDirPVCName')} are both set; set one of them`)
  }
  if (isGiven('DataDirPVCSubPath') && !isGiven('DataDirPVCName')) {
    report('DataDirPVCSubPath', `is set without ${settingName('DataDirPVCName')}, which it belongs to`)
  }
  const { RuntimeInitImage: image, HostVersion: version } = values
  // A version that cannot be read says nothing of the image.
  if (image !== undefined && isGiven('HostVersion') === (version !== undefined)) {
    const decided = runtimeImage(image, version, settingName('HostVersion'))
    if ('problem' in decided) report('RuntimeInitImage', decided.problem)
  }
  return problems
}
