/** An icon of the sprite. */
import { app } from "../app";

const MIRRORED = new Set(["back", "forward", "newer", "older", "reply", "reply-all", "send", "leave"]);

export function Icon({ name, small = false }: { name: string; small?: boolean }) {
  const classes = ["i", small && "small", MIRRORED.has(name) && "mirror"].filter(Boolean).join(" ");
  return (
    <svg class={classes} aria-hidden="true">
      <use href={`${app.icons}#${name}`} />
    </svg>
  );
}
