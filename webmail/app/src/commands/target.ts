/** The message that a command about one message is done to: reply, forward, show original. */
import { signal } from "@preact/signals";
import type { Email } from "../jmap";

/** Null: the command finds it by itself, as reply does with the last message that is not from me. */
export const message = signal<Email | null>(null);

/** Do `what` with this message as its target. */
export function withMessage(email: Email, what: () => void): void {
  message.value = email;
  try {
    what();
  } finally {
    message.value = null;
  }
}
