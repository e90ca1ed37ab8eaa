export function before(a: string) {
  return after();
}
class {{{ 
const x = = 1;
function after() {}
