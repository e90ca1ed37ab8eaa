const listed = 1;
const unlisted = 2;

export default {
  name: "x",
  setup(props) {
    return run();
  },
  nested: { created() {} },
} satisfies Component;

function run() {}
export { listed };
export * from "elsewhere";
