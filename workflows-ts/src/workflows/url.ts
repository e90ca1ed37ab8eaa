/** A repository URL as it may be shown: user, password, query and fragment can hold secrets and are left out. */
export function withoutSecrets(url: string): string {
  return url.replace(/[?#].*$/su, '').replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/]*@/iu, '$1');
}
