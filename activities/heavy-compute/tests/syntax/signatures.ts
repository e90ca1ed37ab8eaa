function one(a: string,b: string) {}
function two(  a: string ,
               b: string,   ) {}
function three(a /* why */, /* what */ b = "two  blanks, /* kept */", c = 'x\'  y') {}
function four(pattern = /[/*"]  x/, template = `a  ${1  +  2}  b`) {}
function five(kind: "a  b" | 'c' /* gone */, rest: { a: string; /* gone */ b: number }) {}
function six({ a, b: { c } }: Props, [d, , e] = [], ...f: string[]) {}
function seven(callback: (x: number, y: number) => void = (x, y) => { /* gone */ }) {}
function eight(a: number/* no blanks */, b/* type */: /* of b */ string) {}
const nine = async (a, // end of line
  b) => a;
const ten = ( /* nothing */ ) => 1;
function eleven(a: typeof/* word */b) {}
