import { Imported } from "x";

type T = import("x").Y[];

/** A button. */
export function Button({ label }: { label: string }) {
  return <button onClick={() => press()}>{label} & more</button>;
}

const Page = () => (
  <>
    <Button label="a" />
    <Imported />
    <Layout.Header />
    <div>
      <Generic<string> value="x"></Generic>
    </div>
  </>
);

function Generic<T,>(props: T) {
  return null;
}

function press() {}

export default Page;
