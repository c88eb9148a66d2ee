import t from 'tap'
import { NAME_FORM } from '../../../launcher/model/account-name.ts'
import { load, refused, server } from './conf-texts.ts'

t.test('each invalid key of [server] is refused with file and line', async t => {
  const at = (line: number, problem: string) => `/c/launcher.conf line ${line}: ${problem}`
  const cases: Array<[string, string]> = [
    [server('prt=1'), at(2, 'prt is not a known key; did you mean port?')],
    [server('quite-unknown=1'), at(2, 'quite-unknown is not a known key')],
    [server('constructor=1'), at(2, 'constructor is not a known key')],
    [server('port='), at(2, 'port has no value; leave it out to take the default')],
    [server('port=x'), at(2, 'port is not a whole number: "x"')],
    [server('address=127.0.0.1\nport=70000'), at(3, 'port must be <= 65535: 70000')],
    [server('address=127.0.0.1'), at(1, 'port is missing; an address that is a host needs it')],
    [server('port=5559'), at(2, 'port is set although the address is a socket path; leave it out')],
    [server('address=a b'), at(2, 'address is not a socket path or a host: "a b"')],
    [
      server('address=0.0.0.0\nport=1'),
      at(
        2,
        'address 0.0.0.0 can be reached from other machines, which requires enable-ssl, certificate-file and ' +
        'certificate-key-file'
      )
    ],
    [
      server(`address=/${'x'.repeat(107)}`),
      at(
        2,
        'address is a socket path of 108 bytes; a Unix socket allows at most 107; set a shorter one, or a shorter ' +
        `scratch-path: /${'x'.repeat(107)}`
      )
    ],
    [
      server('server-user=a:b'),
      at(2, `server-user is not a user name (${NAME_FORM}): "a:b"`)
    ],
    [
      server('authorization-enabled=maybe'),
      at(2, 'authorization-enabled is not true or false (or yes, no, on, off, 1, 0): "maybe"')
    ],
    [server('scratch-path=s'), at(2, 'scratch-path is not an absolute path: "s"')],
    [
      server('scratch-path=/c/s'),
      at(2, 'scratch-path /c/s is inside the folder of the conf files, /c; set one of them outside the other')
    ],
    [server('job-expiry-hours=1h'), at(2, 'job-expiry-hours is not a number: "1h"')],
    [server('job-expiry-hours=0'), at(2, 'job-expiry-hours must be >= 0.0001: 0')],
    [server('request-timeout-seconds=-1'), at(2, 'request-timeout-seconds must be >= 0.001: -1')],
    [server('max-message-size=5M'), at(2, 'max-message-size is not a size such as 1024, 5MB or 5 MiB: "5M"')],
    [server('max-message-size=1'), at(2, 'max-message-size must be >= 1024: 1')],
    [
      server('instance-name="a\\nb"'),
      at(2, 'instance-name is not text of at most 128 characters on one line: "a\\nb"')
    ],
    [server('log-level=loud'), at(2, 'log-level is not one of fatal, error, warn, info, debug, trace, silent: "loud"')],
    [
      server('certificate-file=/c.pem'),
      at(2, 'certificate-file is set without certificate-key-file; set both or neither')
    ],
    [
      server('certificate-key-file=/k.pem'),
      at(2, 'certificate-key-file is set without certificate-file; set both or neither')
    ],
    [
      server('address=127.0.0.1\nport=1\nenable-ssl=1'),
      at(4, 'enable-ssl is true without certificate-file and certificate-key-file')
    ],
    [
      server('enable-ssl=1\ncertificate-file=/c.pem\ncertificate-key-file=/k.pem'),
      at(2, 'enable-ssl is true although the address is a socket path; TLS needs a host and a port')
    ],
    [
      server('log-level=info ; note'),
      at(2, 'log-level has ; in its value; put the value in double quotes, or the comment on its own line')
    ]
  ]
  await refused(t, cases)
})

t.test('an instance name with a separator of lines or paragraphs is not on one line', async t => {
  for (const separator of ['\u0085', '\u2028', '\u2029']) {
    const text = server(`instance-name="a${separator}b"`)
    await t.rejects(load({ 'launcher.conf': text }), {
      code: 'ConfInvalid', message: /instance-name is not text of at most 128 characters on one line/
    })
  }
})
