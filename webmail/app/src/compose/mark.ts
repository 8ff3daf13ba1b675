/** That a message was answered or passed on: marked when the answer is accepted, and no more when that is undone. */
import { app } from "../app";
import type { Id } from "../jmap";
import type { Parent } from "./letter";

export interface Mark {
  emailId: Id;
  keyword: "$answered" | "$forwarded";
}

export const markOf = (parent: Parent): Mark => ({ emailId: parent.emailId, keyword: parent.kind === "reply" ? "$answered" : "$forwarded" });

/** One that fails is no reason not to have sent. */
export function setMark(mark: Mark, value: true | null): void {
  void app.jmap.call("Email/set", { update: { [mark.emailId]: { [`keywords/${mark.keyword}`]: value } } }).catch(() => {});
}

/** What accepting its answer will mark; null where that was marked before, and stays so when this answer is undone. */
export async function unmarked(parent: Parent): Promise<Mark | null> {
  const mark = markOf(parent);
  const answer = await app.jmap.call("Email/get", { ids: [parent.emailId], properties: ["keywords"] });
  return answer.list[0]?.keywords[mark.keyword] === true ? null : mark;
}
