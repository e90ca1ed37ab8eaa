/** The only one. */
export default async function (a: string, b = 1) {
  return helper(a);
}

function helper(a: string) {
  return a;
}

export { helper as renamed };
export { helper as other } from "elsewhere";
