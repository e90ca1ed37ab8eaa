export const TEMPLATES = {
  dead_code: (file: string) => file,
  nested: {
    deep: {
      render(file: string) {
        return file;
      },
    },
    list: [{ render(file: string) {} }],
  },
  "quoted-key": function () {},
  [computed]: () => 1,
  async method() {},
  get size() {
    return 1;
  },
  set size(value) {},
  plain: 1,
};

register({
  handler(event) {
    helper();
  },
});
register({
  handler(event) {},
});
register({ options: { handler(event) {} } });

class Owner {
  build() {
    return {
      item(a) {
        return this.item(a);
      },
    };
  }
}

export const route = wrap(async (request: Request) => {
  if (request.ok) {
    helper();
  }
});
const Memo = React.memo(forwardRef((props, ref) => helper()));
const mapped = items.map((item) => helper());
const made = new Worker(() => helper());
const config = defineConfig({ plugins: [], setup() {} });
const loaded = require("./loaded");
loaded();
mapped();

export const { first, second: [renamed, ...others], third = fallback() } = source();
var repeated = 1;
var repeated = 2;
for (var index = 0; index < 3; index++) {}
for (const local of []) {}
if (mapped) {
  const scoped = 1;
  var hoisted = 2;
}

function helper() {}
function wrap(f) {
  return f;
}
function fallback() {}
