/** What the server's page tells the application at its start. */
import type { Id, Identity, Mailbox, Preferences, ThreadRowQueryResponse } from "./jmap";

/** The member. `addresses` are all that are theirs, in lower case. */
export interface Me {
  name: string;
  login: string;
  initials: string;
  hue: string;
  addresses: string[];
}

/** The JSON in the page's `#boot`. `unread`: numbers of messages that the page itself marked as read. `list` is the page of rows that the server drew, of mailbox `mailboxId` or of `query`. */
export interface Boot {
  accountId: Id;
  capabilities: string[];
  csrf: string;
  me: Me;
  icons: string;
  timeZone: string;
  /** Bytes that an upload, and a message, may have. */
  maxUpload: number;
  /** What the page is written in, and where the words of each language are. */
  language: string;
  catalogues: Record<string, string>;
  preferences: Preferences;
  state: string;
  mailboxes: Mailbox[];
  /** As whom one writes; missing where there is too much of it for every page. */
  identities?: Identity[];
  unread?: string[];
  list?: { mailboxId?: Id; query?: string; rows: ThreadRowQueryResponse };
}

export function readBoot(page: Document): Boot | null {
  const element = page.getElementById("boot");
  return element ? (JSON.parse(element.textContent || "null") as Boot | null) : null;
}
