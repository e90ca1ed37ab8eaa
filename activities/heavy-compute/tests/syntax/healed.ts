export function typed(value: import("x").T[], other: typeof import("y")): import('z').U {
  return call(value & 1);
}
function call(x) {}
