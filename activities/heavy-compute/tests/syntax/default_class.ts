export default class {
  method() {
    return this.method();
  }
}
function a() {}
export = a;
