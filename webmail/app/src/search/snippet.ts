/** The server's marked texts (RFC 8621 §5), taken apart without ever being HTML here. */

export interface Piece {
  text: string;
  isMarked: boolean;
}

/** The only tags in it are `<mark>` and `</mark>`; everything else is text. */
export function piecesOf(html: string): Piece[] {
  const pieces = html.split(/(<mark>.*?<\/mark>)/s);
  return pieces
    .map((piece, n) => ({ text: unescaped(n % 2 ? piece.slice(6, -7) : piece), isMarked: n % 2 === 1 }))
    .filter((piece) => piece.text);
}

const SIGNS: Record<string, string> = { lt: "<", gt: ">", quot: '"', "#x27": "'", amp: "&" };
const unescaped = (text: string): string => text.replace(/&(lt|gt|quot|#x27|amp);/g, (_, name: string) => SIGNS[name]!);
