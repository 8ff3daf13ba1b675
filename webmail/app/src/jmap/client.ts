/** Calls JMAP methods (RFC 8620 §3.2): what is asked in one turn goes in one request, in the order it was asked. */
import type { Methods } from "../jmap";

const MOST_CALLS = 16; // in a request; the server's maxCallsInRequest is twice that
const PATIENCE = 30_000; // milliseconds until a request counts as lost

export type MethodName = keyof Methods;
export type Arguments<M extends MethodName> = Methods[M][0];
export type Answer<M extends MethodName> = Methods[M][1];
/** A place in the answer of an earlier call of the same request (RFC 8620 §3.7). */
export interface ResultReference {
  resultOf: string;
  name: string;
  path: string;
}

/** The server understood, and says no (RFC 8620 §3.6.2). */
export class MethodFailed extends Error {
  constructor(readonly type: string, readonly description: string) {
    super(description || type);
  }
}

/** The server was not reached, or could not answer: what was asked may be asked again. */
export class Unreachable extends Error {}

/** The session is over: nothing more can be asked until the member signs in. */
export class SignedOut extends Error {}

interface Waiting {
  call: [string, Record<string, unknown>, string];
  resolve: (answer: never) => void;
  reject: (error: Error) => void;
}

export class Jmap {
  private waiting: Waiting[] = [];
  private numbered = 0;

  /** `using`: the capabilities of the server, all of which the application uses. `signedOut` is told, whoever asked. */
  constructor(readonly accountId: string, private csrf: string, private using: string[], private signedOut: () => void = () => {}) {}

  /** Calls that end up in one request: a later one may refer to an earlier one's answer by its `id`. */
  call<M extends MethodName>(name: M, args: Omit<Arguments<M>, "accountId"> & Record<`#${string}`, ResultReference>, id?: string): Promise<Answer<M>>;
  call<M extends MethodName>(name: M, args: Omit<Arguments<M>, "accountId">, id?: string): Promise<Answer<M>>;
  call(name: string, args: object, id = `c${this.numbered++}`): Promise<never> {
    if (!this.waiting.length) queueMicrotask(() => void this.flush());
    return new Promise((resolve, reject) => {
      this.waiting.push({ call: [name, { accountId: this.accountId, ...args }, id], resolve, reject });
    });
  }

  /** One request after the other; where one was not answered, what was to follow it is not asked either: nothing overtakes. */
  private async flush(): Promise<void> {
    const waiting = this.waiting.splice(0);
    while (waiting.length) {
      const lost = await this.send(waiting.splice(0, cut(waiting)));
      if (lost) for (const one of waiting.splice(0)) one.reject(lost);
    }
  }

  /** The error that all of them failed with; null where they were answered. */
  private async send(batch: Waiting[]): Promise<Error | null> {
    try {
      const answer = await this.post(JSON.stringify({ using: this.using, methodCalls: batch.map((one) => one.call) }));
      // Of several with one id the first is the call's own: an Email/set that it implies comes after (RFC 8621 §7.5).
      const found = new Map(answer.methodResponses.reverse().map(([name, args, id]) => [id, { name, args }]));
      for (const one of batch) settle(one, found.get(one.call[2]));
      return null;
    } catch (error) {
      for (const one of batch) one.reject(error as Error);
      return error as Error;
    }
  }

  private async post(body: string): Promise<{ methodResponses: [string, Record<string, unknown>, string][] }> {
    const response = await fetch("/jmap/api", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": this.csrf },
      body,
      signal: AbortSignal.timeout(PATIENCE),
    }).catch((error: Error) => {
      throw new Unreachable(error.message);
    });
    if (response.status === 401 || response.status === 403) return this.signedOut(), Promise.reject(new SignedOut());
    if (response.status >= 500 || response.status === 429) throw new Unreachable(`${response.status}`);
    if (!response.ok) throw new MethodFailed("request", `${response.status}`);
    return response.json().catch(() => Promise.reject(new Unreachable("cut short")));
  }
}

/** How many of these go in one request: a call that refers to what is before it (`#` begins such names) is not cut off from that. */
function cut(waiting: readonly Waiting[]): number {
  const refers = (n: number): boolean => waiting[n] !== undefined && JSON.stringify(waiting[n].call[1]).includes('"#');
  let at = Math.min(MOST_CALLS, waiting.length);
  while (at > 1 && refers(at)) at--;
  if (!refers(at)) return at;
  while (refers(at)) at++;
  return at;
}

function settle(one: Waiting, answer: { name: string; args: Record<string, unknown> } | undefined): void {
  if (!answer) one.reject(new Unreachable("no answer"));
  else if (answer.name === "error") one.reject(failure(String(answer.args["type"]), String(answer.args["description"] ?? "")));
  else one.resolve(answer.args as never);
}

/** A database that is locked for a moment is no refusal. A `serverFail` is a mistake that would only be made again. */
function failure(type: string, description: string): Error {
  return type === "serverUnavailable" ? new Unreachable(description || type) : new MethodFailed(type, description);
}
