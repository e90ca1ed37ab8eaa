import imported, { other as alias } from "x";
import * as everything from "y";

function target() {}
class Klass {
  static make() {}
  own() {
    return own();
  }
}
const constant = () => target();

function byParameter(target) {
  target();
}
function byDestructuring({ target }) {
  target();
}
function byDefault({ a: target = 1 }) {
  target();
}
function notByDefault({ a = target }) {
  target();
}
function byLocal() {
  target();
  const target = 1;
}
function byBlock() {
  {
    let target = 1;
    target();
  }
}
function afterBlock() {
  {
    let target = 1;
  }
  target();
}
function byVar() {
  if (true) {
    var target = 1;
  }
  target();
}
function byCatch() {
  try {
  } catch (target) {
    target();
  }
}
function byLoop() {
  for (const target of []) {
    target();
  }
}
function byNestedFunction() {
  target();
  function target() {}
}
function byImport() {
  imported();
  alias();
  everything.call();
  Klass.missing();
}
function byArrow() {
  return items.map((target) => target());
}

function forms() {
  (target)();
  target!();
  (target as any)();
  target?.();
  target`text`;
  new Klass();
  new (Klass)();
  Klass.make();
  constant();
  own();
  everything();
}
function recursive() {
  recursive();
  recursive();
}
function thisOfNested() {
  return function () {
    this.own();
  };
}
class Outer {
  method() {
    const arrow = () => this.other();
    function plain() {
      this.other();
    }
    items.map(() => this.other());
  }
  other() {}
}
class Sub extends Outer {
  method() {
    super.method();
    this.other();
  }
}
class Loop1 extends Loop2 {
  m() {
    this.absent();
  }
}
class Loop2 extends Loop1 {}

it("has no name", () => {
  target();
});
