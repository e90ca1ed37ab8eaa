/** First part. */
export interface Shape {
  area(): number;
  area(precise: boolean): number;
  readonly name: string;
  handler: (a: string) => void;
  (x: number): string;
  new (x: number): Shape;
  [key: string]: unknown;
  get size(): number;
  set size(value: number);
}

interface Shape {
  perimeter(): number;
  area(unit: string): number;
}

export type Options = {
  method(a: string): void;
  nested: { method(): void };
};

export enum Colour {
  Red,
  Green = compute(),
  "dark blue" = 3,
}
enum Colour {
  Black = 10,
}
const enum Small { A }

export namespace Outer.Inner {
  export const visible = 1;
  const hidden = () => 1;
  export function f() {
    return hidden();
  }
}
namespace Plain {
  export class Nested {
    method() {}
  }
}

declare module "ambient" {
  function inside(): void;
  export const value: number;
}

declare global {
  interface Window {
    open(): void;
  }
  var leaked: string;
}
declare global {
  interface Window {
    close(): void;
  }
}

declare function head(a: string): void;
declare function head(a: number): void;
export declare const declared: number;
declare class Declared {
  method(a: string): void;
  method(a: number): void;
}

function compute() {
  return 1;
}
