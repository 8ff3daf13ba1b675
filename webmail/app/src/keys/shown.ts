/** The member's keyboard: Gmail's, their own, or none; and which key is shown for a command. */
import { app } from "../app";
import { BINDINGS, WRITING } from "./table";

/** A member's own keys, key by key, where they have any. */
export function ownKeys(): Readonly<Record<string, string>> {
  return app.preferences.get("keys") === "custom" ? app.preferences.get("customKeys") : {};
}

/** All keys that do a command, those of the member's own first. */
export function keysOf(command: string): string[] {
  const own = ownKeys();
  const made = Object.keys(own).filter((key) => own[key] === command);
  const usual = [...BINDINGS, ...WRITING].filter((one) => one.command === command).flatMap((one) => one.keys);
  return [...made, ...usual.filter((key) => own[key] === undefined)];
}

/** Empty where there is none, or single keys are switched off. */
export function keyShown(command: string): string {
  const isOff = app.preferences.get("keys") === "off";
  return keysOf(command).find((key) => !isOff || key.startsWith("Mod+")) ?? "";
}
