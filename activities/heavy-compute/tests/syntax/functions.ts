/** Adds two numbers. */
export function add(
  a: number, // first
  b: number, /* second */
): number {
  return a + b;
}

export async function* stream<T>(this: Window, source: AsyncIterable<T>, { limit, ...rest }: Options = {}) {}

const double = (n: number) => n * 2;
export const noParameters = () => 1;
const bare = n => n;
let later = function named(x) {
  return named(x - 1);
};
const cast = ((a: string) => a) as Handler;
const generator = function* (n) {};

// Not a documentation comment.
const plain = 1;

export const a1 = 1,
  /** The second. */
  a2 = () => 2;

function outer() {
  const local = 1;
  const inner = (a) => a;
  function helper(a) {
    return inner(a);
  }
  let callback = items.map((item) => item);
  const memoised = useMemo(() => 1);
  return helper(local);
}

function second() {
  const inner = (a) => a;
  return inner(1);
}

// Overloads fold into the implementation.
/** Parses. */
export function parse(text: string): number;
export function parse(text: Buffer): number;
export function parse(text: any): number {
  return text ? 1 : 0;
}

function complex(x) {
  if (x && x.y) {
    for (const z of x) {
    }
  } else if (x || x.z) {
    while (x ?? 1) {}
  }
  switch (x) {
    case 1:
    case 2:
      break;
    default:
  }
  try {
  } catch (error) {}
  items.forEach((item) => {
    if (item) {
    }
  });
  return x ? 1 : 2;
}
