/** Uploads that survive a bad line: a large file goes in pieces, a piece that was cut off goes again, and the server joins them. */
import type { BlobSource, Id, UploadResponse } from "../jmap";
import { MethodFailed, Unreachable, type Jmap } from "../jmap/client";

const PIECE = 512 * 1024;
const MOST_PIECES = 150; // the server joins so many at least
const PATIENCE = 60_000; // milliseconds in which a piece must get on by a byte
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 15_000;

export interface Progress {
  sent: number;
  /** Waiting for the network to come back. */
  isStalled: boolean;
}

/** What the server will not take, whatever is tried again. `reason` is its sentence. */
export class Refused extends Error {
  override readonly name = "Refused";
}

/** The blob's id. `hear` is told of each step; aborting `signal` ends it with an AbortError. */
export async function upload(jmap: Jmap, csrf: string, file: Blob, hear: (now: Progress) => void, signal: AbortSignal): Promise<Id> {
  const size = Math.max(PIECE, Math.ceil(file.size / MOST_PIECES));
  const done: Id[] = [];
  for (let at = 0; at === 0 || at < file.size; at += size) {
    const piece = file.size <= size ? file : file.slice(at, at + size);
    done.push(await insistent(piece, jmap.accountId, csrf, file.type, (sent, isStalled) => hear({ sent: at + sent, isStalled }), signal));
  }
  return done.length === 1 ? done[0]! : join(jmap, done, file.type);
}

async function join(jmap: Jmap, pieces: Id[], type: string): Promise<Id> {
  const data: BlobSource[] = pieces.map((blobId) => ({ blobId }));
  const answer = await again(() => jmap.call("Blob/upload", { create: { whole: { data, type: type || "application/octet-stream" } } }));
  const whole = answer.created?.["whole"];
  void jmap.call("Blob/release", { ids: pieces }).catch(() => {});
  if (!whole) throw new Refused(String(answer.notCreated?.["whole"]?.["description"] ?? ""));
  return whole.id;
}

/** The same once more where the server was not reached; it is harmless to have joined twice. */
async function again<T>(what: () => Promise<T>, tries = 5): Promise<T> {
  for (let wait = FIRST_WAIT; ; wait *= 2) {
    try {
      return await what();
    } catch (error) {
      if (error instanceof MethodFailed) throw new Refused(error.message);
      if (!(error instanceof Unreachable) || --tries <= 0) throw error;
      await later(wait);
    }
  }
}

/** Until it is there, or is refused, or nobody wants it any more. */
async function insistent(piece: Blob, accountId: Id, csrf: string, type: string, hear: (sent: number, isStalled: boolean) => void, signal: AbortSignal): Promise<Id> {
  for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
    const answer = await send(piece, accountId, csrf, type, (sent) => hear(sent, false), signal);
    if (answer) return answer;
    hear(0, true);
    await later(wait, signal);
  }
}

/** Null where the line was cut. */
function send(piece: Blob, accountId: Id, csrf: string, type: string, hear: (sent: number) => void, signal: AbortSignal): Promise<Id | null> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let timer = setTimeout(() => request.abort(), PATIENCE);
    const stop = (): void => request.abort();
    const over = (): void => (clearTimeout(timer), signal.removeEventListener("abort", stop));
    request.upload.onprogress = (event) => {
      clearTimeout(timer);
      timer = setTimeout(() => request.abort(), PATIENCE);
      hear(event.loaded);
    };
    request.onload = () => (over(), settle(request, resolve, reject));
    request.onerror = () => (over(), resolve(null));
    request.onabort = () => (over(), signal.aborted ? reject(new DOMException("", "AbortError")) : resolve(null));
    if (signal.aborted) return void (over(), reject(new DOMException("", "AbortError")));
    signal.addEventListener("abort", stop);
    request.open("POST", `/jmap/upload/${accountId}/`);
    request.setRequestHeader("X-CSRFToken", csrf);
    request.setRequestHeader("Content-Type", type || "application/octet-stream");
    request.send(piece);
  });
}

function settle(request: XMLHttpRequest, resolve: (id: Id | null) => void, reject: (error: Error) => void): void {
  const answer = read(request.responseText);
  if (request.status >= 200 && request.status < 300 && answer?.blobId) resolve(answer.blobId);
  else if (request.status === 429 || request.status === 502 || request.status === 503 || request.status === 504 || request.status === 0) resolve(null);
  else reject(new Refused(answer?.detail ?? ""));
}

function read(text: string): (Partial<UploadResponse> & { detail?: string }) | null {
  try {
    return JSON.parse(text) as UploadResponse;
  } catch {
    return null;
  }
}

/** After the wait, or as soon as the network is back. */
function later(wait: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (): void => (clearTimeout(timer), removeEventListener("online", done), signal?.aborted ? reject(new DOMException("", "AbortError")) : resolve());
    const timer = setTimeout(done, wait);
    addEventListener("online", done);
    signal?.addEventListener("abort", done, { once: true });
  });
}
