/** A letter that goes on in a browser window of its own. */
import { close } from "./desk";
import type { Writing } from "./writing";

/** The window goes on with the draft that the server has. */
export async function popOut(writing: Writing): Promise<void> {
  await writing.files.settled();
  await writing.saver.save();
  const { emailId } = writing.letter.peek();
  if (writing.saver.isDirty || writing.files.isOwing) return;
  const opened = window.open(`/?${new URLSearchParams({ compose: "1", ...(emailId && { draft: emailId }) })}`, "_blank", "popup,width=720,height=760");
  if (opened) await close(writing); // a browser that opens none leaves it here
}
