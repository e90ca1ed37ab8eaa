import { EventEmitter } from "node:events";
import type { Clock, Store } from "./ports";

/** What is wrong with an order. */
export type Problem =
  | { kind: "unknown"; sku: string }
  | { kind: "short"; sku: string; missing: number };

export type Handler<T> = (event: T) => void | Promise<void>;

export enum Level {
  Empty,
  Low,
  Enough,
}

export interface Item {
  readonly sku: string;
  amount: number;
  reserve(amount: number): boolean;
  release(
    amount: number,
    reason?: string,
  ): void;
}

interface Options extends Partial<Record<string, unknown>> {
  clock: Clock;
  threshold?: number;
}

declare global {
  interface Window {
    inventory?: Inventory;
  }
}

const DEFAULTS = { threshold: 5 } as const;

export const level = (item: Item, threshold = DEFAULTS.threshold): Level =>
  item.amount === 0 ? Level.Empty : item.amount < threshold ? Level.Low : Level.Enough;

export const reserveAll = async (items: Item[], amounts: Map<string, number>) => {
  const problems: Problem[] = [];
  const report = (problem: Problem) => problems.push(problem);
  for (const item of items) {
    const wanted = amounts.get(item.sku) ?? 0;
    if (!item.reserve(wanted)) {
      report({ kind: "short", sku: item.sku, missing: wanted - item.amount });
    }
  }
  return problems;
};

const once = memoised(function load(path: string) {
  return path.trim();
});

function memoised<A, R>(f: (a: A) => R): (a: A) => R {
  const known = new Map<A, R>();
  return (a) => {
    if (!known.has(a)) {
      known.set(a, f(a));
    }
    return known.get(a)!;
  };
}

abstract class Base<T extends Item> {
  protected abstract open(path: string): Promise<T[]>;

  protected constructor(
    private readonly store: Store,
    protected readonly options: Options = { clock: Date } as unknown as Options,
  ) {}

  async load(path: string): Promise<T[]> {
    try {
      return await this.open(once(path));
    } catch (error) {
      if (error instanceof RangeError) {
        return [];
      }
      throw error;
    }
  }

  get size(): number {
    return this.store.size;
  }
}

@sealed
export default class Inventory extends Base<Item> {
  static readonly instances = new Set<Inventory>();
  readonly #events = new EventEmitter();
  onLow: Handler<Item> = (item) => this.#emit("low", item);

  @logged({ level: "debug" })
  protected async open(path: string): Promise<Item[]> {
    const rows = await import(path);
    return rows.map((row: unknown) => this.parse(row));
  }

  parse<T>(row: T): Item;
  parse(row: string): Item;
  parse(row: unknown): Item {
    const text = `
function inTemplate(row) {
class InTemplate {
`;
    return { sku: text, amount: 0, reserve: () => true, release() {} };
  }

  *[Symbol.iterator]() {
    yield* Inventory.instances;
  }

  static async *all(
    ...paths: string[]
  ): AsyncGenerator<Item[]> {
    for (const path of paths) {
      yield await new Inventory(undefined as never).load(path);
    }
  }

  #emit(name: string, item: Item) {
    this.#events.emit(name, item);
  }
}

/*
function commentedOut() {
}
*/
export namespace Units {
  export function pieces(n: number) {
    return n;
  }
  export class Crate {
    hold(n: number) {
      return pieces(n);
    }
  }
}

function sealed(target: unknown) {}
function logged(options: { level: string }) {
  return (target: unknown, name: string) => {};
}

describe("inventory", () => {
  function build(): Inventory {
    return new Inventory(undefined as never);
  }
  it("is empty", async () => {
    class Fake extends Inventory {
      parse(row: unknown): Item {
        return super.parse(row as string);
      }
    }
    expect([...build()]).toEqual([new Fake(undefined as never)]);
  });
});
