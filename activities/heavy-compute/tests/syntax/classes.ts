/** A service. */
@injectable()
export class Service<T> extends Base<T> implements Runnable {
  static #count = 0;
  name = makeName();
  readonly other: string;
  handler = (event: Event) => this.run(event);
  static create = async () => new Service();
  debounced = debounce(() => 1);

  static {
    register();
  }

  constructor(private readonly store: Store, public size = 1, plain: string) {
    super();
  }

  /** Runs. */
  @log
  @retry({ times: attempts() })
  public async run(event: Event): Promise<void> {
    this.#hidden();
    this.inherited();
    this.missing();
    super.inherited();
  }

  #hidden() {}
  private secret() {}
  protected semi() {}
  static of(x: number) {
    return this.create();
  }

  get value(): number {
    return 1;
  }
  set value(v: number) {}

  [Symbol.iterator]() {}
  "quoted name"() {}
  42() {}
  *generate() {}

  overloaded(a: string): void;
  overloaded(a: number): void;
  overloaded(a: any) {}

  [key: string]: unknown;
}

export class Base<T> {
  inherited() {}
}

abstract class Shape {
  abstract area(): number;
  abstract get sides(): number;
  describe() {
    return this.area();
  }
}

const Named = class Inner {
  method() {
    return new Inner();
  }
};
const Anonymous = class extends Shape {
  area() {
    return 1;
  }
};

function mixin(Parent) {
  return class extends Parent {
    mixed() {}
  };
}

function injectable() {}
function log() {}
function retry() {}
function attempts() {}
function register() {}
function makeName() {}
function debounce() {}

Service.of(1);
Service.missing(1);
new Service().run();
