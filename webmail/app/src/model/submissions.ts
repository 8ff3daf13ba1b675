/** What waits to leave at the time its writer chose: sent now, at another time, or made a draft again. */
import type { Id } from "../jmap";
import { MethodFailed, SignedOut, type Jmap } from "../jmap/client";

/** done · late: it has left · refused: with a reason, in the server's words · away: the server was not reached, try again. */
export type Outcome = { is: "done" | "late" | "away" } | { is: "refused"; reason: string };

/** Have it leave at another time; null is now. */
export async function reschedule(jmap: Jmap, submissionId: Id, at: Date | null): Promise<Outcome> {
  return judged(async () => {
    await jmap.call("EmailSubmission/reschedule", { id: submissionId, sendAt: at && utc(at) });
    return { is: "done" };
  });
}

/** It does not leave: it is a draft again. */
export async function cancel(jmap: Jmap, submissionId: Id): Promise<Outcome> {
  return judged(async () => {
    const answer = await jmap.call("EmailSubmission/set", { update: { [submissionId]: { undoStatus: "canceled" } } });
    return { is: answer.updated && submissionId in answer.updated ? "done" : "late" };
  });
}

/** As JMAP writes a moment: whole seconds. */
export const utc = (at: Date): string => `${at.toISOString().slice(0, 19)}Z`;

async function judged(ask: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof SignedOut) throw error;
    if (!(error instanceof MethodFailed)) return { is: "away" };
    return error.type === "cannotUnsend" || error.type === "notFound" ? { is: "late" } : { is: "refused", reason: error.description };
  }
}
