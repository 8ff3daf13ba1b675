/** The palette and the list of keys: fetched when there is nothing else to do, so that they are there when they are called. */
import { useEffect } from "preact/hooks";
import { help } from "../commands/moving";
import { palette } from "../commands/search";
import { later } from "./later";
import { searching } from "./search/part";

const palettes = later(() => import("./palette"));
const helps = later(() => import("./help"));
const SOON = 2_000; // milliseconds after the start

/** Called and not there yet: keys wait, or they would do something else. */
export const isComing = (): boolean => (palette.peek() !== "" && !palettes.part.peek()) || (help.peek() && !helps.part.peek());

export function OnDemand() {
  const [palettePart, helpPart] = [palettes.part.value, helps.part.value];
  useEffect(() => {
    if (palette.value) palettes.want();
    if (help.value) helps.want();
  }, [palette.value, help.value]);
  useEffect(() => {
    const timer = setTimeout(() => [searching, palettes, helps].forEach((one) => one.want()), SOON);
    return () => clearTimeout(timer);
  }, []);
  return (
    <>
      {palette.value && palettePart && <palettePart.Palette key={palette.value} />}
      {help.value && helpPart && <helpPart.Help />}
    </>
  );
}
