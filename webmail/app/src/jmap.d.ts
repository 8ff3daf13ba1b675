// Written by `manage.py jmaptypes` from webmail/jmap/types, which is where to change it.

export type Id = string;

export type UnsignedInt = number;

export type UTCDate = string;

export type Date = string;

export type Invocation = [string, Record<string, unknown>, string];

/** RFC 8620 §2. */
export interface CoreCapability {
  maxSizeUpload: UnsignedInt;
  maxConcurrentUpload: UnsignedInt;
  maxSizeRequest: UnsignedInt;
  maxConcurrentRequests: UnsignedInt;
  maxCallsInRequest: UnsignedInt;
  maxObjectsInGet: UnsignedInt;
  maxObjectsInSet: UnsignedInt;
  collationAlgorithms: string[];
}

/** RFC 8620 §2. */
export interface Account {
  name: string;
  isPersonal: boolean;
  isReadOnly: boolean;
  accountCapabilities: Record<string, Record<string, unknown>>;
}

/** RFC 8620 §2. */
export interface Session {
  capabilities: Record<string, Record<string, unknown>>;
  accounts: Record<Id, Account>;
  primaryAccounts: Record<string, Id>;
  username: string;
  apiUrl: string;
  downloadUrl: string;
  uploadUrl: string;
  eventSourceUrl: string;
  state: string;
}

/** RFC 8620 §3.3. */
export interface Request {
  using: string[];
  methodCalls: Invocation[];
  createdIds?: Record<Id, Id>;
}

/** RFC 8620 §3.4. */
export interface Response {
  methodResponses: Invocation[];
  createdIds?: Record<Id, Id>;
  sessionState: string;
}

/** RFC 8620 §3.7: the value of an argument `#name`. */
export interface ResultReference {
  resultOf: string;
  name: string;
  path: string;
}

/** A request that is refused whole (RFC 7807). */
export interface Problem {
  type: string;
  status: UnsignedInt;
  detail: string;
  limit?: string;
}

/** The arguments of the response `error` (RFC 8620 §3.6.2). */
export interface MethodError {
  type: string;
  description?: string;
}

/** RFC 8620 §5.3. */
export interface SetError {
  type: string;
  description?: string;
  properties?: string[];
  existingId?: Id;
}

/** RFC 8620 §5.1. */
export interface GetArguments {
  accountId: Id;
  ids?: Id[] | null;
  properties?: string[] | null;
}

/** RFC 8620 §5.1. */
export interface GetResponse<T> {
  accountId: Id;
  state: string;
  list: T[];
  notFound: Id[];
}

/** RFC 8620 §5.2. */
export interface ChangesArguments {
  accountId: Id;
  sinceState: string;
  maxChanges?: UnsignedInt | null;
}

/** RFC 8620 §5.2. */
export interface ChangesResponse {
  accountId: Id;
  oldState: string;
  newState: string;
  hasMoreChanges: boolean;
  created: Id[];
  updated: Id[];
  destroyed: Id[];
}

/** RFC 8620 §5.3; a patch has whole properties, or paths into them. */
export interface SetArguments<T> {
  accountId: Id;
  ifInState?: string | null;
  create?: Record<Id, Partial<T>> | null;
  update?: Record<Id, Record<string, unknown>> | null;
  destroy?: Id[] | null;
}

/** RFC 8620 §5.3. */
export interface SetResponse<T> {
  accountId: Id;
  oldState: string | null;
  newState: string;
  created: Record<Id, Partial<T>> | null;
  updated: Record<Id, Partial<T> | null> | null;
  destroyed: Id[] | null;
  notCreated: Record<Id, SetError> | null;
  notUpdated: Record<Id, SetError> | null;
  notDestroyed: Record<Id, SetError> | null;
}

/** RFC 8620 §5.5; T is the object's FilterCondition. */
export interface FilterOperator<T> {
  operator: "AND" | "OR" | "NOT";
  conditions: (FilterOperator<T> | T)[];
}

/** RFC 8620 §5.5; `keyword` for the properties of RFC 8621 §4.4.2 that have one. */
export interface Comparator {
  property: string;
  isAscending?: boolean;
  collation?: string;
  keyword?: string;
}

/** RFC 8620 §5.5. */
export interface QueryArguments<T> {
  accountId: Id;
  filter?: FilterOperator<T> | T | null;
  sort?: Comparator[] | null;
  position?: number;
  anchor?: Id | null;
  anchorOffset?: number;
  limit?: UnsignedInt | null;
  calculateTotal?: boolean;
}

/** RFC 8620 §5.5. */
export interface QueryResponse {
  accountId: Id;
  queryState: string;
  canCalculateChanges: boolean;
  position: UnsignedInt;
  ids: Id[];
  total?: UnsignedInt;
  limit?: UnsignedInt;
}

/** RFC 8620 §5.6. */
export interface QueryChangesArguments<T> {
  accountId: Id;
  filter?: FilterOperator<T> | T | null;
  sort?: Comparator[] | null;
  sinceQueryState: string;
  maxChanges?: UnsignedInt | null;
  upToId?: Id | null;
  calculateTotal?: boolean;
}

/** RFC 8620 §5.6. */
export interface AddedItem {
  id: Id;
  index: UnsignedInt;
}

/** RFC 8620 §5.6. */
export interface QueryChangesResponse {
  accountId: Id;
  oldQueryState: string;
  newQueryState: string;
  total?: UnsignedInt;
  removed: Id[];
  added: AddedItem[];
}

/** RFC 8620 §6.1. */
export interface UploadResponse {
  accountId: Id;
  blobId: Id;
  type: string;
  size: UnsignedInt;
}

/** RFC 8620 §7.1: the data of the event `state`. */
export interface StateChange {
  "@type": "StateChange";
  changed: Record<Id, Record<string, string>>;
}

/** RFC 8620 §7.3: the data of the event `ping`. */
export interface Ping {
  interval: UnsignedInt;
}

export type EventAnswer = "yes" | "maybe" | "no";

export type GuestStatus = "needs-action" | "accepted" | "tentative" | "declined" | "delegated";

/**
 * start, end: as written, without a zone (YYYY-MM-DDTHH:MM:SS), the end not included; startAt, endAt: as everybody has them,
 * null for whole days and for times that are the same on every clock.
 */
export interface EventTimes {
  start: string | null;
  end: string | null;
  startAt: UTCDate | null;
  endAt: UTCDate | null;
  zone: string | null;
  isAllDay: boolean;
}

/** When the event was to be, by the email that this one replaces. */
export interface EventReplaced {
  start: string | null;
  end: string | null;
  startAt: UTCDate | null;
  endAt: UTCDate | null;
  zone: string | null;
  isAllDay: boolean;
  emailId: Id;
}

/** Who invites or is invited. */
export interface EventPerson {
  name: string | null;
  email: string;
  status: GuestStatus;
}

/** The guest that the member is. */
export interface EventGuest {
  email: string;
  status: GuestStatus;
}

/**
 * The event that an email speaks of. method: of iTIP, in lower case; repeats: its rule as written.
 *
 * isReplaced: a newer email moves it; isCancelled: by this email or a newer one; answer: what the member has said.
 */
export interface Event {
  start: string | null;
  end: string | null;
  startAt: UTCDate | null;
  endAt: UTCDate | null;
  zone: string | null;
  isAllDay: boolean;
  method: string;
  uid: string;
  sequence: UnsignedInt;
  title: string;
  where: string;
  description: string;
  repeats: string | null;
  organiser: EventPerson | null;
  attendees: EventPerson[];
  mine: EventGuest | null;
  answer: EventAnswer | null;
  canAnswer: boolean;
  isCancelled: boolean;
  isReplaced: boolean;
  replaces: EventReplaced | null;
}

/** note: for the organiser. */
export interface EventAnswerArguments {
  accountId: Id;
  emailId: Id;
  answer: EventAnswer;
  note?: string | null;
}

/** isSent: the organiser was told; not where the same was said before. */
export interface EventAnswerResponse {
  accountId: Id;
  oldState: string;
  newState: string;
  isSent: boolean;
}

export type Signal = "P1" | "P2" | "P3" | "P4" | "P5" | "P6" | "P7" | "P8" | "P9" | "P10" | "P11" | "P12";

export type WarningLevel = "note" | "caution" | "danger";

export type WarningPlace = "header" | "link" | "file" | "reply";

export type RemoteImages = "none" | "blocked" | "proxied" | "off";

export type UnsubscribeHow = "post" | "mail" | "page";

export type ChoiceKind = "images" | "blocked" | "unsubscribed" | "fine" | "light";

/** How many tracking images of one sender's helper an email brought; they are never loaded. */
export interface Tracker {
  name: string;
  count: UnsignedInt;
}

/** What to be careful with (product.md 4.7). values: plain text that the words of a signal speak of; text: them in English. */
export interface EmailWarning {
  code: Signal;
  level: WarningLevel;
  where: WarningPlace;
  values: Record<string, string>;
  text: string;
}

/**
 * Images on the web that an email refers to, trackers not among them. images: what becomes of them if nothing is asked.
 *
 * `off`: the operator has none loaded. `body?images=1` loads blocked ones once. isAlways: the member said so of this sender.
 */
export interface Remote {
  images: RemoteImages;
  count: UnsignedInt;
  isAlways: boolean;
}

/** How to leave the list that an email is from. page: an address for the member to open. leftAt: when it was left, and how. */
export interface Unsubscribe {
  how: UnsubscribeHow;
  page: string | null;
  leftAt: UTCDate | null;
  leftHow: UnsubscribeHow | null;
}

/** Something that was found about an email when it came, in English. weight: for (+) or against (-) spam; 0 of no weight. */
export interface WhyReason {
  text: string;
  weight: number;
}

/** What was found out about an email when it came (product.md 4.9). spf, dkim, dmarc: results, empty where nobody looked. */
export interface Why {
  domain: string;
  spf: string;
  dkim: string;
  dmarc: string;
  reasons: WhyReason[];
}

/**
 * What the member decided about a sender. sender: an address, case-folded; of a list that was left its List-Id.
 *
 * signal: of `fine`. how: of `unsubscribed`, which Email/unsubscribe makes. Choices are made and destroyed, never changed.
 */
export interface SenderChoice {
  id: Id;
  sender: string;
  kind: ChoiceKind;
  signal: Signal | null;
  how: UnsubscribeHow | null;
  at: UTCDate;
}

/** emailId: an email of the list. */
export interface EmailUnsubscribeArguments {
  accountId: Id;
  emailId: Id;
}

/** how: by which way it was left, or `page` where the member must open `page`; null where there is nothing to leave. */
export interface EmailUnsubscribeResponse {
  accountId: Id;
  emailId: Id;
  how: UnsubscribeHow | null;
  page?: string;
}

export type Role = "inbox" | "flagged" | "snoozed" | "scheduled" | "sent" | "drafts" | "archive" | "all" | "junk" | "trash";

export type Hue = "rose" | "red" | "orange" | "amber" | "lime" | "green" | "teal" | "cyan" | "blue" | "indigo" | "purple" | "grey";

export type Preview = "image" | "pdf" | "text" | "table" | "source" | "audio" | "video" | "message" | "event" | "contact" | "archive";

/** Of an account (RFC 8621 §1.3.1). */
export interface MailCapability {
  maxMailboxesPerEmail: UnsignedInt | null;
  maxMailboxDepth: UnsignedInt | null;
  maxSizeMailboxName: UnsignedInt;
  maxSizeAttachmentsPerEmail: UnsignedInt;
  emailQuerySortOptions: string[];
  mayCreateTopLevelMailbox: boolean;
}

/** RFC 8621 §2. */
export interface MailboxRights {
  mayReadItems: boolean;
  mayAddItems: boolean;
  mayRemoveItems: boolean;
  maySetSeen: boolean;
  maySetKeywords: boolean;
  mayCreateChild: boolean;
  mayRename: boolean;
  mayDelete: boolean;
  maySubmit: boolean;
}

/**
 * RFC 8621 §2; what stands from `kind` on is told who uses our own capability (product.md 3.7).
 *
 * sticky: later messages of a conversation inherit the label. Roles are a place, or a state of messages in Mail.
 */
export interface Mailbox {
  id: Id;
  name: string;
  parentId: Id | null;
  role: Role | null;
  sortOrder: UnsignedInt;
  totalEmails: UnsignedInt;
  unreadEmails: UnsignedInt;
  totalThreads: UnsignedInt;
  unreadThreads: UnsignedInt;
  myRights: MailboxRights;
  isSubscribed: boolean;
  kind: "place" | "state" | "label";
  sticky: boolean;
  color: Hue | null;
  isImapVisible: boolean;
  showInSidebar: "show" | "unread" | "hide";
}

/** RFC 8621 §2.2. */
export interface MailboxChangesResponse {
  accountId: Id;
  oldState: string;
  newState: string;
  hasMoreChanges: boolean;
  created: Id[];
  updated: Id[];
  destroyed: Id[];
  updatedProperties: string[] | null;
}

/** RFC 8621 §2.3. */
export interface MailboxFilterCondition {
  parentId?: Id | null;
  name?: string;
  role?: Role | null;
  hasAnyRole?: boolean;
  isSubscribed?: boolean;
}

/** RFC 8621 §2.3. */
export interface MailboxQueryArguments {
  accountId: Id;
  filter?: FilterOperator<MailboxFilterCondition> | MailboxFilterCondition | null;
  sort?: Comparator[] | null;
  position?: number;
  anchor?: Id | null;
  anchorOffset?: number;
  limit?: UnsignedInt | null;
  calculateTotal?: boolean;
  sortAsTree?: boolean;
  filterAsTree?: boolean;
}

/** RFC 8621 §2.5. */
export interface MailboxSetArguments {
  accountId: Id;
  ifInState?: string | null;
  create?: Record<Id, Partial<Mailbox>> | null;
  update?: Record<Id, Record<string, unknown>> | null;
  destroy?: Id[] | null;
  onDestroyRemoveEmails?: boolean;
}

/** Of a conversation that this one continues (`isBefore`) or went on as, under another subject (product.md 3.2, R7). */
export interface ThreadLink {
  threadId: Id;
  subject: string;
  isBefore: boolean;
}

/** RFC 8621 §3; links: told who uses our own capability. */
export interface Thread {
  id: Id;
  emailIds: Id[];
  links?: ThreadLink[];
}

/** RFC 8621 §4.1.2.3. */
export interface EmailAddress {
  name: string | null;
  email: string;
}

/** RFC 8621 §4.1.3: a header field in Raw form. */
export interface EmailHeader {
  name: string;
  value: string;
}

/** RFC 8621 §4.1.4. Without `headers` and `subParts`, unless bodyProperties names them. */
export interface EmailBodyPart {
  partId: string | null;
  blobId: Id | null;
  size: UnsignedInt;
  headers?: EmailHeader[];
  name: string | null;
  type: string;
  charset: string | null;
  disposition: string | null;
  cid: string | null;
  language: string[] | null;
  location: string | null;
  subParts?: EmailBodyPart[] | null;
}

/** RFC 8621 §4.1.4. */
export interface EmailBodyValue {
  value: string;
  isEncodingProblem: boolean;
  isTruncated: boolean;
}

/** A file that a message carries. preview: as what it can be looked into at /m/<message>/preview/<partId>. */
export interface EmailFile {
  partId: string;
  name: string;
  type: string;
  size: UnsignedInt;
  preview: Preview | null;
}

/** When an email leaves, and the EmailSubmission by which that is changed or taken back. */
export interface Scheduled {
  sendAt: UTCDate;
  submissionId: Id | null;
}

/**
 * RFC 8621 §4.1; what stands from `isOwn` on is told who uses our own capability and asks for it by name.
 *
 * quoted: it ends with a quotation that says nothing new, folded in its frame unless that is asked for with `quotes=shown`.
 * isOwn: the account wrote it. scheduled: it waits there. files: what there is to save, without pictures that the text shows.
 */
export interface Email {
  from: EmailAddress[] | null;
  id: Id;
  blobId: Id;
  threadId: Id;
  mailboxIds: Record<Id, true>;
  keywords: Record<string, true>;
  size: UnsignedInt;
  receivedAt: UTCDate;
  headers: EmailHeader[];
  messageId: string[] | null;
  inReplyTo: string[] | null;
  references: string[] | null;
  sender: EmailAddress[] | null;
  to: EmailAddress[] | null;
  cc: EmailAddress[] | null;
  bcc: EmailAddress[] | null;
  replyTo: EmailAddress[] | null;
  subject: string | null;
  sentAt: Date | null;
  bodyStructure: EmailBodyPart;
  bodyValues: Record<string, EmailBodyValue>;
  textBody: EmailBodyPart[];
  htmlBody: EmailBodyPart[];
  attachments: EmailBodyPart[];
  hasAttachment: boolean;
  preview: string;
  isOwn?: boolean;
  scheduled?: Scheduled | null;
  files?: EmailFile[];
  event?: Event | null;
  quoted?: boolean;
  trackers?: Tracker[];
  warnings?: EmailWarning[];
  remote?: Remote;
  unsubscribe?: Unsubscribe | null;
  why?: Why | null;
}

/** RFC 8621 §4.2. */
export interface EmailGetArguments {
  accountId: Id;
  ids?: Id[] | null;
  properties?: string[] | null;
  bodyProperties?: string[];
  fetchTextBodyValues?: boolean;
  fetchHTMLBodyValues?: boolean;
  fetchAllBodyValues?: boolean;
  maxBodyValueBytes?: UnsignedInt;
}

/** RFC 8621 §4.4.1. */
export interface EmailFilterCondition {
  from?: string;
  inMailbox?: Id;
  inMailboxOtherThan?: Id[];
  before?: UTCDate;
  after?: UTCDate;
  minSize?: UnsignedInt;
  maxSize?: UnsignedInt;
  allInThreadHaveKeyword?: string;
  someInThreadHaveKeyword?: string;
  noneInThreadHaveKeyword?: string;
  hasKeyword?: string;
  notKeyword?: string;
  hasAttachment?: boolean;
  text?: string;
  to?: string;
  cc?: string;
  bcc?: string;
  subject?: string;
  body?: string;
  header?: string[];
}

/** RFC 8621 §4.4. */
export interface EmailQueryArguments {
  accountId: Id;
  filter?: FilterOperator<EmailFilterCondition> | EmailFilterCondition | null;
  sort?: Comparator[] | null;
  position?: number;
  anchor?: Id | null;
  anchorOffset?: number;
  limit?: UnsignedInt | null;
  calculateTotal?: boolean;
  collapseThreads?: boolean;
}

/** RFC 8621 §4.5. */
export interface EmailQueryChangesArguments {
  accountId: Id;
  filter?: FilterOperator<EmailFilterCondition> | EmailFilterCondition | null;
  sort?: Comparator[] | null;
  sinceQueryState: string;
  maxChanges?: UnsignedInt | null;
  upToId?: Id | null;
  calculateTotal?: boolean;
  collapseThreads?: boolean;
}

/** RFC 8621 §4.8. */
export interface EmailImport {
  blobId: Id;
  mailboxIds: Record<Id, true>;
  keywords?: Record<string, true>;
  receivedAt?: UTCDate;
}

/** RFC 8621 §4.8. */
export interface EmailImportArguments {
  accountId: Id;
  ifInState?: string | null;
  emails: Record<Id, EmailImport>;
}

/** RFC 8621 §4.8. */
export interface EmailImported {
  id: Id;
  blobId: Id;
  threadId: Id;
  size: UnsignedInt;
}

/** RFC 8621 §4.8. */
export interface EmailImportResponse {
  accountId: Id;
  oldState: string | null;
  newState: string;
  created: Record<Id, EmailImported> | null;
  notCreated: Record<Id, SetError> | null;
}

/** RFC 8621 §4.7. There is no other account to copy from. */
export interface EmailCopyArguments {
  fromAccountId: Id;
  ifFromInState?: string | null;
  accountId: Id;
  ifInState?: string | null;
  create: Record<Id, unknown>;
  onSuccessDestroyOriginal?: boolean;
  destroyFromIfInState?: string | null;
}

/** RFC 8620 §5.4. */
export interface EmailCopyResponse {
  fromAccountId: Id;
  accountId: Id;
  oldState: string | null;
  newState: string;
  created: Record<Id, EmailImported> | null;
  notCreated: Record<Id, SetError> | null;
}

/** RFC 8621 §4.9. */
export interface EmailParseArguments {
  accountId: Id;
  blobIds: Id[];
  properties?: string[];
  bodyProperties?: string[];
  fetchTextBodyValues?: boolean;
  fetchHTMLBodyValues?: boolean;
  fetchAllBodyValues?: boolean;
  maxBodyValueBytes?: UnsignedInt;
}

/** RFC 8621 §4.9; the emails have no id, and what follows from one. */
export interface EmailParseResponse {
  accountId: Id;
  parsed: Record<Id, Record<string, unknown>> | null;
  notParsable: Id[] | null;
  notFound: Id[] | null;
}

/** RFC 8621 §5: HTML with the found words in <mark>. */
export interface SearchSnippet {
  emailId: Id;
  subject: string | null;
  preview: string | null;
}

/** RFC 8621 §5.1. */
export interface SearchSnippetGetArguments {
  accountId: Id;
  filter?: unknown;
  emailIds: Id[];
}

/** RFC 8621 §5.1. */
export interface SearchSnippetGetResponse {
  accountId: Id;
  list: SearchSnippet[];
  notFound: Id[] | null;
}

/** RFC 8621 §6. */
export interface Identity {
  id: Id;
  name: string;
  email: string;
  replyTo: EmailAddress[] | null;
  bcc: EmailAddress[] | null;
  textSignature: string;
  htmlSignature: string;
  mayDelete: boolean;
}

/** RFC 8621 §7: an address of the envelope, with its SMTP parameters. */
export interface Address {
  email: string;
  parameters: Record<string, string | null> | null;
}

/** RFC 8621 §7. */
export interface Envelope {
  mailFrom: Address;
  rcptTo: Address[];
}

/** RFC 8621 §7. */
export interface DeliveryStatus {
  smtpReply: string;
  delivered: "queued" | "yes" | "no" | "unknown";
  displayed: "unknown" | "yes";
}

/** RFC 8621 §7. */
export interface EmailSubmission {
  id: Id;
  identityId: Id;
  emailId: Id;
  threadId: Id;
  envelope: Envelope | null;
  sendAt: UTCDate;
  undoStatus: "pending" | "final" | "canceled";
  deliveryStatus: Record<string, DeliveryStatus> | null;
  dsnBlobIds: Id[];
  mdnBlobIds: Id[];
}

/** RFC 8621 §7.3. */
export interface EmailSubmissionFilterCondition {
  identityIds?: Id[];
  emailIds?: Id[];
  threadIds?: Id[];
  undoStatus?: "pending" | "final" | "canceled";
  before?: UTCDate;
  after?: UTCDate;
}

/**
 * RFC 8621 §7.5. operationId, of our capability: 8 to 64 of A-Z, a-z, 0-9, - and _, chosen by the client. The same again
 * sends nothing: it is answered with what the first became.
 */
export interface EmailSubmissionToCreate {
  identityId: Id;
  emailId: Id;
  envelope?: Envelope | null;
  operationId?: string | null;
}

/** RFC 8621 §7.5. */
export interface EmailSubmissionSetArguments {
  accountId: Id;
  ifInState?: string | null;
  create?: Record<Id, EmailSubmissionToCreate> | null;
  update?: Record<Id, Record<string, unknown>> | null;
  destroy?: Id[] | null;
  onSuccessUpdateEmail?: Record<Id, Record<string, unknown>> | null;
  onSuccessDestroyEmail?: Id[] | null;
}

/** An addition of ours. sendAt: when what waits is to leave; null is now. */
export interface EmailSubmissionRescheduleArguments {
  accountId: Id;
  id: Id;
  sendAt: UTCDate | null;
}

/** What it became. */
export interface EmailSubmissionRescheduleResponse {
  accountId: Id;
  oldState: string;
  newState: string;
  id: Id;
  sendAt: UTCDate;
}

/** RFC 8621 §8. contactsOnly, of our capability: only who was written to before hears of it. */
export interface VacationResponse {
  id: "singleton";
  isEnabled: boolean;
  fromDate: UTCDate | null;
  toDate: UTCDate | null;
  subject: string | null;
  textBody: string | null;
  htmlBody: string | null;
  contactsOnly?: boolean;
}

/** RFC 9425 §4. */
export interface Quota {
  id: Id;
  resourceType: "octets";
  used: UnsignedInt;
  hardLimit: UnsignedInt;
  scope: "account";
  name: string;
  types: string[];
  warnLimit: UnsignedInt | null;
  softLimit: UnsignedInt | null;
  description: string | null;
}

/** RFC 9425 §4.3. */
export interface QuotaChangesResponse {
  accountId: Id;
  oldState: string;
  newState: string;
  hasMoreChanges: boolean;
  created: Id[];
  updated: Id[];
  destroyed: Id[];
  updatedProperties: string[] | null;
}

/** RFC 9425 §4.4. */
export interface QuotaFilterCondition {
  name?: string;
  scope?: string;
  resourceType?: string;
  type?: string;
}

export type Mark = "starred" | "attachment" | "draft" | "muted";

export type StarColor = "red" | "orange" | "yellow" | "green" | "blue" | "purple" | "gray";

export type Act = "archive" | "toInbox" | "trash" | "restore" | "snooze" | "unsnooze" | "spam" | "notSpam" | "read" | "unread" | "star" | "unstar" | "mute" | "unmute" | "addLabel" | "removeLabel" | "moveTo";

/** Of an account: the most rows in a response of ThreadRow/query. */
export interface OwnCapability {
  maxRows: UnsignedInt;
}

/** Who wrote in a conversation. The marks are there where they are true, the address for the one whose picture is shown. */
export interface Writer {
  name: string;
  email?: string;
  isMe?: boolean;
  isUnread?: boolean;
}

/**
 * A conversation as a list shows it. `id` is the Thread's; emailId is there where rows are single messages.
 *
 * writers: in order of appearance; where there are more than three (`writerCount`), the first and the last two. count, unread:
 * of the messages that the row counts. labels: own labels. purgedAt: of a row in Trash or Spam, when the purge takes it.
 * snoozedUntil: it sleeps until then; wokeAt: it is back in Inbox since; snoozedAt: of both, since when it had been put off.
 * sendAt: one of its messages waits in Scheduled, and leaves then.
 */
export interface ThreadRow {
  id: Id;
  emailId?: Id;
  subject: string;
  preview: string;
  writers: Writer[];
  writerCount?: UnsignedInt;
  count: UnsignedInt;
  unread: UnsignedInt;
  at: UTCDate;
  marks: Mark[];
  labels: Id[];
  starColor?: StarColor;
  snoozedAt?: UTCDate;
  snoozedUntil?: UTCDate;
  wokeAt?: UTCDate;
  sendAt?: UTCDate;
  purgedAt?: UTCDate;
}

/**
 * A query was read differently than it may have been meant. text: English, with **bold** for what to write.
 *
 * query: the whole query as the hint would have it; empty where the hint has nothing better.
 */
export interface Hint {
  code: string;
  text: string;
  typed: string;
  meant: string;
  query: string;
}

/** What a query that found nothing would find without one of its terms. */
export interface Offer {
  without: string;
  query: string;
  total: UnsignedInt;
  isTotalExact: boolean;
}

/**
 * Either a mailbox or a query. perMessage: each message is a row, and totals count messages.
 *
 * before: the cursor of the page before; limit: at most maxRows.
 */
export interface ThreadRowQueryArguments {
  accountId: Id;
  mailboxId?: Id | null;
  query?: string | null;
  unreadOnly?: boolean;
  perMessage?: boolean;
  before?: string | null;
  limit?: UnsignedInt | null;
}

/**
 * A page of rows, newest first. cursor: what `before` takes to go on; null where that was all.
 *
 * total: of all conversations; null on later pages of a search. asideTotal: what a search would find in Spam and Trash besides.
 */
export interface ThreadRowQueryResponse {
  accountId: Id;
  queryState: string;
  list: ThreadRow[];
  cursor: string | null;
  total: UnsignedInt | null;
  isTotalExact: boolean;
  asideTotal: UnsignedInt;
  hints: Hint[];
  offers: Offer[];
}

/** Of a mailbox's list; that of a search is asked for anew. */
export interface ThreadRowChangesArguments {
  accountId: Id;
  mailboxId: Id;
  sinceQueryState: string;
  maxChanges?: UnsignedInt | null;
}

/** The rows that are new in the list or changed, newest first, and ids of conversations that are not in it any more. */
export interface ThreadRowChangesResponse {
  accountId: Id;
  oldQueryState: string;
  newQueryState: string;
  total: UnsignedInt;
  list: ThreadRow[];
  removed: Id[];
}

/**
 * An act of the member. operationId: the client's own name for it. count, noun: how many of what it changed.
 *
 * label: what it gave, took, deleted or merged; it may be gone since. sentence: English, "Archived 3 conversations".
 */
export interface Action {
  id: Id;
  operationId: string | null;
  at: UTCDate;
  act: Act | "deleteLabel" | "mergeLabels";
  count: UnsignedInt;
  noun: "conversation" | "message";
  label: Id | null;
  sentence: string;
  isUndone: boolean;
}

/** id or operationId: of the act; null for the last one. Undone (or done again) once more by name, nothing changes. */
export interface ActionTurnArguments {
  accountId: Id;
  id?: Id | null;
  operationId?: string | null;
}

/** The act that was done or undone; null where nothing was to do. */
export interface ActionResponse {
  accountId: Id;
  oldState: string;
  newState: string;
  action: Action | null;
}

/** mailboxId: the label; its mail stays. operationId: as in Thread/act. */
export interface LabelDeleteArguments {
  accountId: Id;
  operationId?: string | null;
  mailboxId: Id;
}

/** intoId: the label that all its mail gets instead. */
export interface LabelMergeArguments {
  accountId: Id;
  operationId?: string | null;
  mailboxId: Id;
  intoId: Id;
}

/** All conversations of a mailbox. */
export interface AllOfMailbox {
  mailboxId: Id;
}

/** All conversations that a query finds. */
export interface AllOfQuery {
  query: string;
}

/**
 * What to delete for ever, of what is in Trash or Spam: conversations and messages, or all of one of the two (mailboxId).
 *
 * countOnly: tell how much it would be, and delete nothing.
 */
export interface ThreadDestroyArguments {
  accountId: Id;
  threadIds?: Id[] | null;
  emailIds?: Id[] | null;
  mailboxId?: Id | null;
  countOnly?: boolean | null;
}

/** emails, bytes: how much was deleted, or would be. */
export interface ThreadDestroyResponse {
  accountId: Id;
  oldState: string;
  newState: string;
  emails: UnsignedInt;
  bytes: UnsignedInt;
  notFound: Id[];
}

/**
 * What to do with conversations, and with single messages. mailboxId: the label of addLabel, removeLabel and moveTo.
 *
 * until: of snooze, when they come back; what is past comes back at once. color: of star; without one a new star is red.
 *
 * operationId: a name that the client makes up (8 to 64 letters, digits, - and _); asked again within a day, nothing is done
 * twice, and the first result is told. all: instead of ids; one act with one undo, however many there are.
 */
export interface ThreadActArguments {
  accountId: Id;
  operationId?: string | null;
  act: Act;
  all?: AllOfMailbox | AllOfQuery | null;
  threadIds?: Id[] | null;
  emailIds?: Id[] | null;
  mailboxId?: Id | null;
  until?: UTCDate | null;
  color?: StarColor | null;
}

/** notFound: ids of `threadIds` and `emailIds` that name nothing. */
export interface ThreadActResponse {
  accountId: Id;
  oldState: string;
  newState: string;
  action: Action | null;
  notFound: Id[];
}

/**
 * What the member chose; each has a value, chosen or not.
 *
 * conversations: lists show conversations, not single messages.
 * chronology: what a conversation begins with.
 * density: height of a line in lists.
 * theme: light or dark, or as the device is.
 * language: of the interface; null is the browser's.
 * keys: the keyboard of product.md 2.7.
 * customKeys: where keys is custom: what each does.
 * undoSendSeconds: how long a message waits before it leaves.
 * replyPosition: where one writes: above the quote or below.
 * quote: what an answer quotes.
 * signaturePosition: above the quote or at the end.
 * signatureInReplies: answers in a conversation are signed too.
 * spellcheck: the browser marks misspelt words.
 * imagesByTrust: images of who is trusted are shown at once, else only when asked for.
 * pane: where a conversation opens; auto: by the width.
 * afterAct: what is shown after an act on what is open.
 * purgeDays: days that mail stays in Trash and Spam; 0 is for ever.
 * inboxExpunge: what a mail program's deleting in Inbox does.
 */
export interface Preferences {
  id: "singleton";
  conversations: boolean;
  chronology: "oldest" | "newest";
  density: "comfortable" | "default" | "compact";
  theme: "system" | "light" | "dark";
  language: "en" | "de" | "fr" | "es" | "ar" | null;
  keys: "gmail" | "off" | "custom";
  customKeys: Record<string, string>;
  swipeRightShort: "archive" | "trash" | "spam" | "read" | "star" | "snooze" | "label" | "move" | "none";
  swipeRightLong: "archive" | "trash" | "spam" | "read" | "star" | "snooze" | "label" | "move" | "none";
  swipeLeftShort: "archive" | "trash" | "spam" | "read" | "star" | "snooze" | "label" | "move" | "none";
  swipeLeftLong: "archive" | "trash" | "spam" | "read" | "star" | "snooze" | "label" | "move" | "none";
  undoSendSeconds: 0 | 5 | 10 | 20 | 30 | 60 | 120;
  replyPosition: "above" | "below";
  quote: "folded" | "none";
  signaturePosition: "above" | "end";
  signatureInReplies: boolean;
  spellcheck: boolean;
  imagesByTrust: boolean;
  pane: "none" | "right" | "bottom" | "auto";
  afterAct: "list" | "older" | "newer";
  purgeDays: 7 | 30 | 90 | 0;
  inboxExpunge: "archive" | "trash";
}

/** query: as typed (product.md 2.2). */
export interface QueryParseArguments {
  accountId: Id;
  query: string;
}

/** A thing that must hold, as typed, and the query without it. */
export interface Chip {
  text: string;
  query: string;
}

/** How a query is read. tree: {operator: value}, {and: […]}, {or: […]}, {not: …}, {around: […], within}. */
export interface QueryParseResponse {
  accountId: Id;
  tree: Record<string, unknown>;
  chips: Chip[];
  hints: Hint[];
}

export type Suggestion = [UnsignedInt, string, string, number, number];

export type SuggestionCircle = [UnsignedInt[], number];

/** sinceState: of an earlier response, to hear only what changed. */
export interface SuggestionGetArguments {
  accountId: Id;
  sinceState?: string | null;
}

/** A fellow member of the account's domains. */
export interface SuggestionMember {
  name: string;
  email: string;
}

/**
 * People whom the account writes to. isComplete: `people` are all; else those that changed since, put over those with the
 * same key, and `removed` are keys of those that are to be suggested no more. halfLife: seconds. circles, members: null where
 * nothing of them changed.
 */
export interface SuggestionGetResponse {
  accountId: Id;
  state: string;
  isComplete: boolean;
  reference: UTCDate;
  halfLife: UnsignedInt;
  people: Suggestion[];
  removed: UnsignedInt[];
  circles: SuggestionCircle[] | null;
  members: SuggestionMember[] | null;
}

/** Addresses that are to be suggested no more, until they are written to again. */
export interface SuggestionForgetArguments {
  accountId: Id;
  emails: string[];
}

/** forgotten, notFound: of `emails`. */
export interface SuggestionForgetResponse {
  accountId: Id;
  oldState: string;
  newState: string;
  forgotten: string[];
  notFound: string[];
}

/** A draft under one id. Each saving makes another Email of it, and its revision goes up. inReplyTo: a Message-ID. */
export interface Draft {
  id: Id;
  revision: UnsignedInt;
  emailId: Id;
  threadId: Id;
  inReplyTo: string | null;
  savedAt: UTCDate;
}

/** Only those that are these emails, and that answer these messages (by Message-ID). */
export interface DraftGetArguments {
  accountId: Id;
  ids?: Id[] | null;
  properties?: string[] | null;
  emailIds?: Id[] | null;
  inReplyTo?: string[] | null;
}

/**
 * draftId and revision: what its writer went on from; or emailId, of a draft as another program left it; none: a new draft.
 *
 * operationId: 8 to 64 of A-Z, a-z, 0-9, - and _; the same again saves nothing again. creationId: later calls of the request
 * name the Email by it (#…). ifConflict: "both" keeps what is written as another draft, "ask" (the default) keeps nothing.
 * email: as Email/set creates one, without mailboxIds, keywords and messageId.
 */
export interface DraftSaveArguments {
  accountId: Id;
  draftId?: Id | null;
  revision?: UnsignedInt | null;
  emailId?: Id | null;
  operationId?: string | null;
  creationId?: Id | null;
  ifConflict?: "ask" | "both" | null;
  email: Partial<Email>;
}

/** A file of the draft. Its blobId holds until the next saving; that of an upload holds for a day from each saving. */
export interface DraftAttachment {
  blobId: Id;
  name: string | null;
  type: string;
  size: UnsignedInt;
  disposition: string | null;
  cid: string | null;
}

/** What the draft is that another device was quicker with; `draft` is null where it is gone: sent, or deleted. */
export interface DraftConflict {
  draftId: Id;
  draft: Draft | null;
}

/** draft: what was kept; null where nothing was, for there is a conflict. */
export interface DraftSaveResponse {
  accountId: Id;
  oldState: string;
  newState: string;
  draft: Draft | null;
  attachments: DraftAttachment[];
  conflict: DraftConflict | null;
}

/** At most 50 addresses, as they were typed. */
export interface RecipientCheckArguments {
  accountId: Id;
  emails: string[];
}

/**
 * status: invalid, it is no address; nobody, of ours and nobody's; noDomain, noMail, its domain does not exist, or takes no
 * mail; unknown, that could not be found out at once. meant: the address whose domain was most likely meant. isRead: false where
 * it only sends.
 */
export interface RecipientCheck {
  email: string;
  status: "ok" | "invalid" | "nobody" | "noDomain" | "noMail" | "unknown";
  meant: string | null;
  isRead: boolean;
}

/** In the order asked. */
export interface RecipientCheckResponse {
  accountId: Id;
  list: RecipientCheck[];
}

/** RFC 9404 §3. */
export interface BlobCapability {
  maxSizeBlobSet: UnsignedInt | null;
  maxDataSources: UnsignedInt;
  supportedTypeNames: string[];
  supportedDigestAlgorithms: string[];
}

/** RFC 9404 §4.1: text, base64, or another blob or a range of it. */
export interface BlobSource {
  "data:asText"?: string;
  "data:asBase64"?: string;
  blobId?: Id;
  offset?: UnsignedInt | null;
  length?: UnsignedInt | null;
}

/** RFC 9404 §4.1: of these sources, one after the other. */
export interface BlobToCreate {
  data: BlobSource[];
  type?: string | null;
}

/** RFC 9404 §4.1. */
export interface BlobUploadArguments {
  accountId: Id;
  create: Record<Id, BlobToCreate>;
}

/** RFC 9404 §4.1. */
export interface BlobCreated {
  id: Id;
  type: string;
  size: UnsignedInt;
}

/** RFC 9404 §4.1. */
export interface BlobUploadResponse {
  accountId: Id;
  created: Record<Id, BlobCreated> | null;
  notCreated: Record<Id, Record<string, unknown>> | null;
}

/** RFC 9404 §4.2. properties: data, data:asText, data:asBase64, size, digest:(sha, sha-256, sha-512). */
export interface BlobGetArguments {
  accountId: Id;
  ids: Id[];
  properties?: string[] | null;
  offset?: UnsignedInt | null;
  length?: UnsignedInt | null;
}

/** RFC 9404 §4.2. */
export interface BlobRead {
  id: Id;
  "data:asText"?: string | null;
  "data:asBase64"?: string;
  size?: UnsignedInt;
  "digest:sha"?: string;
  "digest:sha-256"?: string;
  "digest:sha-512"?: string;
  isEncodingProblem?: boolean;
  isTruncated?: boolean;
}

/** RFC 9404 §4.2. */
export interface BlobGetResponse {
  accountId: Id;
  list: BlobRead[];
  notFound: Id[];
}

/** RFC 9404 §4.3. typeNames: Mailbox, Thread, Email. */
export interface BlobLookupArguments {
  accountId: Id;
  typeNames: string[];
  ids: Id[];
}

/** RFC 9404 §4.3: ids by type. */
export interface BlobMatched {
  id: Id;
  matchedIds: Record<string, Id[]>;
}

/** RFC 9404 §4.3. */
export interface BlobLookupResponse {
  accountId: Id;
  list: BlobMatched[];
  notFound: Id[];
}

/** RFC 8620 §6.3. There is no other account to copy from. */
export interface BlobCopyArguments {
  fromAccountId: Id;
  accountId: Id;
  blobIds: Id[];
}

/** Of our capability: uploads that are not needed any more; what was made of them stays. */
export interface BlobReleaseArguments {
  accountId: Id;
  ids: Id[];
}

/** released, notFound: of `ids`. */
export interface BlobReleaseResponse {
  accountId: Id;
  released: Id[];
  notFound: Id[];
}

/** Of each method the arguments and the response. */
export interface Methods {
  "Core/echo": [Record<string, unknown>, Record<string, unknown>];
  "Mailbox/get": [GetArguments, GetResponse<Mailbox>];
  "Mailbox/changes": [ChangesArguments, MailboxChangesResponse];
  "Mailbox/query": [MailboxQueryArguments, QueryResponse];
  "Mailbox/queryChanges": [QueryChangesArguments<MailboxFilterCondition>, QueryChangesResponse];
  "Mailbox/set": [MailboxSetArguments, SetResponse<Mailbox>];
  "Thread/get": [GetArguments, GetResponse<Thread>];
  "Thread/changes": [ChangesArguments, ChangesResponse];
  "Email/get": [EmailGetArguments, GetResponse<Email>];
  "Email/changes": [ChangesArguments, ChangesResponse];
  "Event/answer": [EventAnswerArguments, EventAnswerResponse];
  "Email/query": [EmailQueryArguments, QueryResponse];
  "Email/queryChanges": [EmailQueryChangesArguments, QueryChangesResponse];
  "Email/set": [SetArguments<Email>, SetResponse<Email>];
  "Email/import": [EmailImportArguments, EmailImportResponse];
  "Email/copy": [EmailCopyArguments, EmailCopyResponse];
  "Email/parse": [EmailParseArguments, EmailParseResponse];
  "SearchSnippet/get": [SearchSnippetGetArguments, SearchSnippetGetResponse];
  "Identity/get": [GetArguments, GetResponse<Identity>];
  "Identity/changes": [ChangesArguments, ChangesResponse];
  "Identity/set": [SetArguments<Identity>, SetResponse<Identity>];
  "EmailSubmission/get": [GetArguments, GetResponse<EmailSubmission>];
  "EmailSubmission/changes": [ChangesArguments, ChangesResponse];
  "EmailSubmission/query": [QueryArguments<EmailSubmissionFilterCondition>, QueryResponse];
  "EmailSubmission/queryChanges": [QueryChangesArguments<EmailSubmissionFilterCondition>, QueryChangesResponse];
  "EmailSubmission/set": [EmailSubmissionSetArguments, SetResponse<EmailSubmission>];
  "VacationResponse/get": [GetArguments, GetResponse<VacationResponse>];
  "VacationResponse/set": [SetArguments<VacationResponse>, SetResponse<VacationResponse>];
  "Blob/upload": [BlobUploadArguments, BlobUploadResponse];
  "Blob/get": [BlobGetArguments, BlobGetResponse];
  "Blob/lookup": [BlobLookupArguments, BlobLookupResponse];
  "Blob/copy": [BlobCopyArguments, Record<string, unknown>];
  "Blob/release": [BlobReleaseArguments, BlobReleaseResponse];
  "Quota/get": [GetArguments, GetResponse<Quota>];
  "Quota/changes": [ChangesArguments, QuotaChangesResponse];
  "Quota/query": [QueryArguments<QuotaFilterCondition>, QueryResponse];
  "Quota/queryChanges": [QueryChangesArguments<QuotaFilterCondition>, QueryChangesResponse];
  "ThreadRow/query": [ThreadRowQueryArguments, ThreadRowQueryResponse];
  "ThreadRow/changes": [ThreadRowChangesArguments, ThreadRowChangesResponse];
  "Thread/act": [ThreadActArguments, ThreadActResponse];
  "Thread/destroy": [ThreadDestroyArguments, ThreadDestroyResponse];
  "Action/get": [GetArguments, GetResponse<Action>];
  "Draft/get": [DraftGetArguments, GetResponse<Draft>];
  "Draft/save": [DraftSaveArguments, DraftSaveResponse];
  "EmailSubmission/reschedule": [EmailSubmissionRescheduleArguments, EmailSubmissionRescheduleResponse];
  "Recipient/check": [RecipientCheckArguments, RecipientCheckResponse];
  "Suggestion/get": [SuggestionGetArguments, SuggestionGetResponse];
  "Suggestion/forget": [SuggestionForgetArguments, SuggestionForgetResponse];
  "Action/undo": [ActionTurnArguments, ActionResponse];
  "Action/redo": [ActionTurnArguments, ActionResponse];
  "Label/delete": [LabelDeleteArguments, ActionResponse];
  "Label/merge": [LabelMergeArguments, ActionResponse];
  "Preferences/get": [GetArguments, GetResponse<Preferences>];
  "Preferences/set": [SetArguments<Preferences>, SetResponse<Preferences>];
  "SenderChoice/get": [GetArguments, GetResponse<SenderChoice>];
  "SenderChoice/set": [SetArguments<SenderChoice>, SetResponse<SenderChoice>];
  "Email/unsubscribe": [EmailUnsubscribeArguments, EmailUnsubscribeResponse];
  "Query/parse": [QueryParseArguments, QueryParseResponse];
}
